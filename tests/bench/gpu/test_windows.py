from dataclasses import replace

from bench.gpu.windows import padded_audio
from tests.bench.gpu.looks import look


def test_windows_are_padded_as_services_do() -> None:
    """To the shortest length that they fit into."""
    padded = [
        padded_audio(replace(look(0.0), samples=samples), [5, 10, 20, 30]).size / 16_000
        for samples in (1, 80_000, 80_001, 480_000)
    ]
    assert padded == [5, 5, 10, 30]
