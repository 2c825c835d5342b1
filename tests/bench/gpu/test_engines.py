from pathlib import Path

import pytest

from bench.gpu.engines import engines, parameters


@pytest.mark.parametrize("name", ["ours", "CTranslate2", "faster-whisper"])
def test_every_engine_hears_a_batch(weights: Path, name: str) -> None:
    """Each checks for itself that it has written what it was to write."""
    engine = engines("cpu")[name](weights)
    engine.run(1)
    engine.run(3)


def test_a_model_has_the_parameters_of_its_weights(weights: Path) -> None:
    """Where those say nothing, its own."""
    found = parameters(weights)
    assert found["tokens_per_second"] == "3"
    assert found["window_seconds"] == "5 10 20 30"
    assert found["compute_type_gpu"] == "float16"
    assert found["weights"] == str(weights)
