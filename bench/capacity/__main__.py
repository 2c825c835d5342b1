"""How many sessions this machine carries: `python -m bench.capacity`.

Sessions speak in real time, from processes of their own, whether or not they are answered. Their number grows until a
bound is broken, then the gap is halved. At the number found, twice as many others knock.
"""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from bench.capacity.chart import draw
from bench.capacity.measure import MOST, Outcome, Plan, measure
from bench.capacity.mode import MODES, Mode, missing_weights
from bench.capacity.table import cpu_table, latency_table, summary
from bench.machine import machine_facts
from bench.report import RESULTS, write_results


def main(
    modes: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(MODES)}. [null and embedded]")] = None,
    *,
    minutes: Annotated[float, typer.Option(help="How long each mode may take. [6 null, 5 the others]")] = 0.0,
    window_seconds: Annotated[float, typer.Option(help="How long each number of sessions is measured.", min=3)] = 12.0,
    sessions: Annotated[int, typer.Option(help="Measure this number instead of looking for the largest.")] = 0,
    first: Annotated[int, typer.Option(help="The number to try first. [80 null, 8 embedded, 2 cpu, 20 gpu]")] = 0,
    most: Annotated[int, typer.Option(help="The largest number to try.")] = MOST,
    max_sessions: Annotated[int, typer.Option(help="LIVETRANSLATE_GATEWAY_MAX_SESSIONS.")] = 100_000,
    load_process_count: Annotated[int, typer.Option(help="Processes that play. [one for every two cores]")] = 0,
    knocks: Annotated[bool, typer.Option(help="Whether others knock at the number found.")] = True,
) -> None:
    """Find out how many sessions are carried, and whether those inside notice those who knock."""
    plan = Plan(
        window_seconds=window_seconds,
        minutes=minutes,
        sessions=sessions,
        first=first,
        most=most,
        load_process_count=load_process_count,
        max_sessions=max_sessions,
        knocks=knocks,
    )
    console = Console(width=140)  # also where the output goes to a file
    for mode in _wanted(modes or ["null", "embedded"]):
        facts = machine_facts()
        outcome = measure(mode, plan, console.print)
        console.print(latency_table(outcome), cpu_table(outcome), *summary(outcome), sep="\n")
        console.print(f"Written to {_write(mode, plan, outcome, facts)}")


def _wanted(names: list[str]) -> list[Mode]:
    if unknown := set(names) - MODES.keys():
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {', '.join(MODES)}")
    for name in names:
        if missing := missing_weights(MODES[name]):
            raise typer.BadParameter(f"{name}: {missing}")
    return [MODES[name] for name in names]


def _write(mode: Mode, plan: Plan, outcome: Outcome, facts: dict[str, object]) -> str:
    results = {"machine": facts, "plan": plan, "bounds": mode.bounds, **asdict(outcome), "ratio": outcome.ratio}
    if outcome.knock:
        results["knock"] |= {"worsening": outcome.knock.worsening, "is_fine": outcome.knock.is_fine}
    name = f"capacity_{mode.name}"
    draw(outcome, mode.bounds, RESULTS / f"{name}.png")
    return str(write_results(name, results))


if __name__ == "__main__":
    typer.run(main)
