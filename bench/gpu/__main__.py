"""What one NVIDIA GPU carries with Whisper large-v3-turbo, of random weights.

`python -m bench.gpu` needs the packages of the extra `neural`, rich, typer, psutil and platformdirs, and CUDA 12.
`--device cpu --size tiny` runs the same code where there is no GPU, and writes nothing down.
"""

import os
import sys
from typing import Annotated

from bench.gpu.needs import SEARCHED, cuda_environment, missing_for_cuda, missing_packages

if missing := missing_packages():
    sys.exit(missing)

import typer
from rich.console import Console

from bench.gpu.measure import Wanted, measure, report


def main(
    *,
    device: Annotated[str, typer.Option(help="cuda or cpu; only a GPU's figures are written down.")] = "cuda",
    gpu: Annotated[int, typer.Option(help="Which one, as nvidia-smi counts.")] = 0,
    size: Annotated[str, typer.Option(help="Of the weights: tiny, base, small or large-v3-turbo.")] = "large-v3-turbo",
    batch_sizes: Annotated[str, typer.Option(help="For the throughput.")] = "1 2 4 8 16 32",
    seconds: Annotated[float, typer.Option(help="Each throughput takes at least so long.")] = 5.0,
    talk_seconds: Annotated[float, typer.Option(help="How long the sessions of a trial talk.", min=5)] = 15.0,
    most_sessions: Annotated[int, typer.Option(help="Where the search for the capacity ends.", min=1)] = 4096,
    triton: Annotated[bool, typer.Option(help="Whether to measure through Triton, too.")] = True,
) -> None:
    """Measure one GPU."""
    if device not in {"cuda", "cpu"}:
        raise typer.BadParameter(f"the device is {device!r}; it must be cuda or cpu")
    if device == "cuda":
        _see_cuda(gpu)
        if absent := missing_for_cuda(gpu):
            sys.exit(absent)
    wanted = Wanted(
        device=device,
        gpu=gpu,
        size=size,
        batch_sizes=[int(number) for number in batch_sizes.split()],
        seconds=seconds,
        talk_seconds=talk_seconds,
        most_sessions=most_sessions,
        is_served=triton,
    )
    console = Console(width=120)  # also where the output goes to a file
    report(measure(wanted, console), console)


def _see_cuda(gpu: int) -> None:
    """Begin anew where CUDA's installed packages would not be found: a process looks for them once, when it starts."""
    environment = cuda_environment(gpu)
    is_found = os.environ.get(SEARCHED) == environment.get(SEARCHED)
    os.environ.update(environment)
    if not is_found:
        os.execv(sys.executable, [sys.executable, "-m", "bench.gpu", *sys.argv[1:]])  # noqa: S606 - itself


if __name__ == "__main__":
    typer.run(main)
