"""What each neural model gives by itself, and what is left of it behind Triton.

`python -m bench.engines` builds weights of the true dimensions with random values, which cost what the real ones do,
and measures both sides in turn, so that a busy machine slows both.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console

from bench.engines.bare import BareEngine, bare_engine
from bench.engines.served import Throughput, served_engine
from bench.engines.subject import Cost, Figures, Outcome, Subject
from bench.engines.subjects import SUBJECTS
from bench.engines.table import cost_table, throughput_table
from bench.machine import machine_facts
from bench.report import write_results


def main(
    models: Annotated[list[str] | None, typer.Argument(help="Those to measure; all by default.")] = None,
    seconds: Annotated[float, typer.Option(help="How long each figure is measured, at least.")] = 4.0,
    rounds: Annotated[int, typer.Option(help="How often both sides are measured in turn, but for long batches.")] = 3,
    longest_batch_seconds: Annotated[float, typer.Option(help="Larger batches than take so long are left out.")] = 40.0,
) -> None:
    """Measure engines by themselves and behind Triton."""
    facts = machine_facts()
    console = Console(width=120)  # also where the output goes to a file
    outcomes = []
    for subject in _wanted(models or []):
        console.print(f"{subject.name} …")
        outcomes.append(measure(subject, Patience(seconds, rounds, longest_batch_seconds)))
    console.print(throughput_table(outcomes), cost_table(outcomes))
    console.print(f"Written to {write_results('engines', {'machine': facts, 'outcomes': outcomes})}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to measure: seconds for each figure, how often in turn, and the longest that a batch may take."""

    seconds: float
    rounds: int
    longest_batch_seconds: float


def measure(subject: Subject, patience: Patience) -> Outcome:
    """One subject, batch size by batch size."""
    with tempfile.TemporaryDirectory(prefix="livetranslate-weights-") as folder:
        models_folder = Path(folder)
        weights = models_folder / subject.name
        subject.save(weights)
        with bare_engine(subject.bare, weights) as bare:
            figures: list[Figures] = []
            for batch_size in subject.batch_sizes:
                if figures and batch_size / figures[-1].bare_items_per_second > patience.longest_batch_seconds:
                    break
                figures.append(_figures(subject, bare, models_folder, batch_size, patience))
            cost, memory_mib = _lone(subject, bare, models_folder, patience.seconds)
    return Outcome(
        name=subject.name, figures=figures, cost=cost, memory_mib=memory_mib, audio_seconds=subject.audio_seconds
    )


def _figures(subject: Subject, bare: BareEngine, models_folder: Path, batch_size: int, patience: Patience) -> Figures:
    bare_rates: list[float] = []
    served: list[Throughput] = []
    with served_engine(subject, models_folder, batch_size) as triton:
        while len(served) < patience.rounds and not (served and batch_size / bare_rates[-1] > patience.seconds):
            bare_rates.append(bare.items_per_second(batch_size, patience.seconds))
            served.append(triton.throughput(2 * batch_size, patience.seconds))
    return Figures(
        batch_size=batch_size,
        bare_items_per_second=median(bare_rates),
        served_items_per_second=median(throughput.items_per_second for throughput in served),
        mean_batch=median(throughput.mean_batch for throughput in served),
    )


def _lone(subject: Subject, bare: BareEngine, models_folder: Path, seconds: float) -> tuple[Cost, float]:
    """What a lone request costs, and what the model's process holds by then."""
    with served_engine(subject, models_folder, max(subject.batch_sizes)) as triton:
        bare_ms = 1e3 / bare.items_per_second(1, seconds)
        lone = triton.lone_request(seconds)
        memory_mib = triton.memory_mib()
    cost = Cost(
        round_trip_ms=lone.round_trip_ms,
        triton_ms=lone.round_trip_ms - lone.model_ms,
        model_ms=lone.model_ms,
        bare_ms=bare_ms,
    )
    return cost, memory_mib


def _wanted(names: Sequence[str]) -> list[Subject]:
    known = {subject.name: subject for subject in SUBJECTS}
    if unknown := set(names) - known.keys():
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(SUBJECTS)


if __name__ == "__main__":
    typer.run(main)
