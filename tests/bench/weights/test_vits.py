import math

import pytest

from bench.weights.vits import QUALITIES, build_vits


@pytest.mark.parametrize(("quality", "mib"), [("x_low", 20), ("medium", 60), ("high", 109)])
def test_a_voice_is_about_as_large_as_piper_s(quality: str, mib: int) -> None:
    """Within a twentieth of the files on the hub, at four bytes a weight."""
    model = build_vits(QUALITIES[quality], 256)
    weights = sum(math.prod(table.dims) for table in model.graph.initializer)
    assert weights * 4 / 2**20 == pytest.approx(mib, rel=0.05)


def test_inputs_and_outputs_are_those_of_piper_s_export() -> None:
    """By name."""
    graph = build_vits(QUALITIES["x_low"], 256).graph
    assert [tensor.name for tensor in graph.input] == ["input", "input_lengths", "scales"]
    assert [tensor.name for tensor in graph.output] == ["output"]
