"""A real Triton that serves the models that cost nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livetranslate.stack.triton import Triton, TritonOptions, start_triton

MODELS = Path(__file__).parent.parent / "bench" / "models"


@contextmanager
def null_triton(work_dir: Path) -> Iterator[Triton]:
    """Runs it while the block runs."""
    triton = start_triton(TritonOptions(model_repository=MODELS, profile="null"), work_dir)
    try:
        yield triton
    finally:
        triton.stop()
