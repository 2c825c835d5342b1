"""How good, how early and how steady the captions are: `python -m bench.quality`.

Plays speech and other sounds to the whole system with the engines that come with it, as a client in real time.
"""

import asyncio
import importlib.metadata
import re
import shutil
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from bench.machine import machine_facts
from bench.quality import bounds
from bench.quality.chart import draw
from bench.quality.log_file import write_log
from bench.quality.measures import Measured, TranslateAll
from bench.quality.player import Play, play_session
from bench.quality.recordings import DataMissingError, demo, short_form
from bench.quality.scenarios import QUICK, SCENARIOS, Scenario
from bench.quality.session_log import SessionLog
from bench.quality.table import quality_table
from bench.quality.true_transcript import translator
from bench.report import RESULTS, write_results
from bench.system import running_system
from livetranslate.stack import Stack
from livetranslate.stack.stack import default_model_repository

LOGS = RESULTS / "quality"

_LIBRARIES = ("jiwer", "whisper-normalizer", "sacrebleu", "omnisteval", "pocketsphinx", "faster-whisper")


def run(scenario: Scenario, stack: Stack, translate_all: TranslateAll, repeat: int) -> Measured:
    """Play a scenario's sessions, keep their logs, and measure them together."""
    logs = [asyncio.run(play_session(stack.gateway_address, play)) for _ in range(repeat) for play in scenario.plays]
    _keep(scenario.name, logs)
    return scenario.measure(logs, translate_all)


def _keep(name: str, logs: Sequence[SessionLog]) -> None:
    folder = LOGS / re.sub(r"\W+", "-", name)
    shutil.rmtree(folder, ignore_errors=True)
    for number, log in enumerate(logs, 1):
        write_log(log, folder / f"{number:02d}.jsonl")


def _chosen(names: Sequence[str], console: Console, *, is_quick: bool) -> list[Scenario]:
    """The scenarios whose data is there."""
    chosen: list[Scenario] = []
    for name in names:
        try:
            chosen += SCENARIOS[name](is_quick)
        except DataMissingError as error:
            console.print(f"{name} is left out: {error}")
    return chosen


def _measure(console: Console, names: Sequence[str], repeat: int, *, is_quick: bool) -> None:
    facts = {**machine_facts(), "measuring": {name: importlib.metadata.version(name) for name in _LIBRARIES}}
    measured: dict[str, tuple[Scenario, Measured]] = {}
    chosen = _chosen(names, console, is_quick=is_quick)
    with (
        running_system("embedded", default_model_repository()) as stack,
        translator(stack.addresses["mt"], "en", "es") as translate_all,
    ):
        for scenario in chosen:
            console.print(f"{scenario.name} …")
            measured[scenario.name] = scenario, run(scenario, stack, translate_all, repeat)
    console.print(quality_table({name: (of.figures, scenario.aims) for name, (scenario, of) in measured.items()}))
    results = {name: of for name, (_, of) in measured.items()}
    path = write_results("quality", {"machine": facts, "repeat": repeat, "is_quick": is_quick, "scenarios": results})
    draw({name: of.figures for name, of in results.items()}, path.with_suffix(".png"))
    console.print(f"Written to {path}, its chart beside it, and the logs of the sessions to {LOGS}")


def _record(console: Console, repeat: int) -> None:
    """Measure the short forms anew."""
    with (
        running_system("embedded", default_model_repository()) as stack,
        translator(stack.addresses["mt"], "en", "es") as translate_all,
    ):
        for material in {form.name: form for form in (short_form(), demo())}.values():
            scenario = Scenario(material.name, [Play(material)])
            bounds.record_bounds(material.name, run(scenario, stack, translate_all, repeat).figures)
            for number, bound in bounds.read_bounds(material.name).items():
                console.print(f"{material.name}: {number} {bound.value:g}")


def main(
    scenario: Annotated[list[str] | None, typer.Option(help=f"What to measure: {', '.join(SCENARIOS)}. [all]")] = None,
    repeat: Annotated[int, typer.Option(help="How often to play each session; figures are of all.", min=1)] = 1,
    quick: Annotated[bool, typer.Option("--quick", help=f"Short forms, of {', '.join(QUICK)} unless named.")] = False,
    record_bounds: Annotated[bool, typer.Option("--record-bounds", help="Measure the tests' bounds anew.")] = False,
) -> None:
    """Measure the quality, latency and steadiness of captions."""
    console = Console(width=120)  # also where the output goes to a file
    names = scenario or (QUICK if quick else tuple(SCENARIOS))
    if unknown := sorted(set(names) - set(SCENARIOS)):
        raise typer.BadParameter(f"there is no {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    if record_bounds:
        _record(console, repeat)
    else:
        _measure(console, names, repeat, is_quick=quick)


if __name__ == "__main__":
    typer.run(main)
