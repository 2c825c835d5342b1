"""A real Triton that serves the models that cost nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livetranslate.stack.triton import Triton, TritonOptions, start_triton

MODELS = Path(__file__).parent.parent / "bench" / "models"


@contextmanager
def null_triton(work_dir: Path, grpc_port: int = 0) -> Iterator[Triton]:
    """Runs it while the block runs, on a free port or on this one."""
    triton = start_triton(TritonOptions(model_repository=MODELS, profile="null", grpc_port=grpc_port), work_dir)
    try:
        yield triton
    finally:
        triton.stop()
