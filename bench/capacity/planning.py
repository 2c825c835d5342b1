"""From what was measured to what is needed: `python -m bench.capacity.planning 10000`.

It reads `bench/results` and multiplies; what was not measured yet is said, not guessed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from bench.report import RESULTS

FULL: Final = 0.6  # of a core: the rest is for speech that comes together, and for those of a replica that is gone
SPARE_REPLICAS: Final = 1
ROWS_PER_FINAL: Final = 2  # a transcript, and a translation into one language

_SERVICES: Final = ("gateway", "asr", "mt")
_MEASURE_FIRST: Final = "to be measured: make bench-capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one session takes.

    Attributes:
        cpu_ms: Of each part, for each second of audio.
        finals_per_second: How many segments become final.
        rows_per_second: The most that the database made durable; None where it was not measured.
        engine_sessions_per_core: Sessions that a core carries with the embedded engines, services included; None as
            above.
    """

    cpu_ms: Mapping[str, float]
    finals_per_second: float
    rows_per_second: float | None = None
    engine_sessions_per_core: float | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a part needs, and how that comes about."""

    part: str
    amount: str
    reason: str


def read_measured(results: Path = RESULTS) -> Measured | None:
    """What `bench/results` says; None where the capacity was never measured."""
    null = _read(results / "capacity_null.json")
    trial = next((one for one in reversed(null.get("trials", ())) if not one["broken"]), None)
    if trial is None:
        return None
    finals = trial["latencies"]["final transcript"]["count"]
    embedded = _read(results / "capacity_embedded.json")
    return Measured(
        cpu_ms=trial["cpu_ms_per_audio_second"],
        finals_per_second=finals / trial["sessions"] / null["plan"]["window_seconds"],
        rows_per_second=_read(results / "store.json").get("results", {}).get("most_per_second"),
        engine_sessions_per_core=embedded["sessions"] / embedded["machine"]["cores"] if embedded else None,
    )


def needs_of(sessions: int, measured: Measured) -> Iterator[Need]:
    """What so many sessions need."""
    for part in _SERVICES:
        cpu_ms = measured.cpu_ms[part]
        replicas = ceil(sessions * cpu_ms / 1000 / FULL) + SPARE_REPLICAS
        reason = f"{sessions:,} x {cpu_ms:.2f} ms / {FULL:g} of a core, which is what a process uses, and a spare one"
        yield Need(f"{part}, replicas", f"{replicas:,}", reason)
    cores = sessions * measured.cpu_ms["triton"] / 1000
    yield Need("Triton beside its engines, cores", f"{cores:,.1f}", f"{measured.cpu_ms['triton']:.2f} ms a session")
    yield _engines(sessions, measured.engine_sessions_per_core)
    yield from _database(sessions, measured)


def _engines(sessions: int, per_core: float | None) -> Need:
    part = "embedded engines, cores with all services"
    if not per_core:
        return Need(part, "?", _MEASURE_FIRST)
    return Need(part, f"{ceil(sessions / per_core):,}", f"{per_core:.1f} sessions a core were carried")


def _database(sessions: int, measured: Measured) -> Iterator[Need]:
    rows = sessions * measured.finals_per_second * ROWS_PER_FINAL
    reason = f"{measured.finals_per_second:.2f} finals a second and session, {ROWS_PER_FINAL} rows each"
    yield Need("rows a second", f"{rows:,.0f}", reason)
    if measured.rows_per_second:
        reason = f"it made {measured.rows_per_second:,.0f} rows a second durable"
        yield Need("share of one database", f"{rows / measured.rows_per_second:.0%}", reason)
    millions = rows * 86_400 / 1e6
    yield Need("rows a day, if all speak all day", f"{millions:,.0f} million", "times the days that sessions are kept")


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def main(sessions: Annotated[int, typer.Argument(help="Sessions at a time.", min=1)]) -> None:
    """Tell what a number of sessions needs, from what was measured here."""
    measured = read_measured()
    if measured is None:
        raise SystemExit("The capacity of this machine is not known yet: run make bench-capacity first.")
    table = Table("part", "needed", "because", title=f"{sessions:,} sessions at a time")
    for need in needs_of(sessions, measured):
        table.add_row(need.part, need.amount, need.reason)
    Console(width=120).print(table)


if __name__ == "__main__":
    typer.run(main)
