"""What an open session holds: the memory of the services with 0, 50 and 100 sessions, with models that cost nothing.

`python -m bench.memory` plays sessions in real time, half of them first, then all, and at last all for a while longer.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.load import Load, LoadProcesses, load_processes
from bench.machine import machine_facts
from bench.report import write_results
from bench.session import FAILED, play_session
from bench.system import SERVICES, Memory, memory_of, running_system

AIM_MIB = 2.0  # of resident memory for each open session, over all services

_WARM_UP_SESSIONS = 2  # every module is imported and every pool has started, and little is left to be used again
_WARM_UP_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The services' memory at one moment."""

    name: str
    session_count: int
    services: Mapping[str, Memory]

    @property
    def total(self) -> Memory:
        """Over all services."""
        holdings = self.services.values()
        return Memory(
            sum(memory.rss_mib for memory in holdings),
            sum(memory.pss_mib for memory in holdings),
            sum(memory.uss_mib for memory in holdings),
        )


def measure(session_count: int, hold_seconds: float, process_count: int) -> list[Stage]:
    """The memory without sessions, with half of them, with all, and with all a while later."""
    half = session_count // 2
    with (
        load_processes(process_count) as first,
        load_processes(process_count) as second,
        running_system() as stack,
    ):
        pids = {name: stack.parts[name].pid for name in SERVICES}

        def look(name: str, count: int) -> Stage:
            return Stage(name, count, {service: memory_of(pid) for service, pid in pids.items()})

        with _playing(first, stack.gateway_address, _WARM_UP_SESSIONS, _WARM_UP_SECONDS):
            pass
        stages = [look("no session", 0)]
        with _playing(first, stack.gateway_address, half, 4 * hold_seconds):
            time.sleep(hold_seconds)
            stages.append(look(f"{half} sessions", half))
            with _playing(second, stack.gateway_address, session_count - half, 2.5 * hold_seconds):
                time.sleep(hold_seconds)
                stages.append(look(f"{session_count} sessions", session_count))
                time.sleep(hold_seconds)
                stages.append(look(f"{session_count} sessions, {hold_seconds:g} s later", session_count))
        return stages


@contextmanager
def _playing(processes: LoadProcesses, address: str, session_count: int, seconds: float) -> Iterator[None]:
    """Sessions that speak while the block runs, and to their end after it."""
    parts = processes.play(play_session, Load(address, session_count, time.monotonic(), seconds, speech=True))
    yield
    failed = [name for part in parts for name, _, _ in part.result() if name.startswith(FAILED)]
    if failed:
        raise RuntimeError(f"{len(failed)} sessions were not held: {failed[0]}")


def per_session_mib(before: Stage, after: Stage) -> float:
    """Resident memory for each session that `after` has more than `before`."""
    return (after.total.rss_mib - before.total.rss_mib) / (after.session_count - before.session_count)


def memory_table(stages: Sequence[Stage]) -> Table:
    """The memory of each service at each stage."""
    table = Table("MiB: resident / proportional / its own", title="Memory with models that cost nothing")
    for stage in stages:
        table.add_column(stage.name, justify="right")
    for service in SERVICES:
        table.add_row(service, *(_figures(stage.services[service]) for stage in stages))
    table.add_row("all services", *(_figures(stage.total) for stage in stages))
    growth = ("", *(f"{per_session_mib(stages[0], stage):.2f}" for stage in stages[1:]))
    table.add_row(f"resident, per session (aim: {AIM_MIB:g})", *growth)
    return table


def _figures(memory: Memory) -> str:
    return f"{memory.rss_mib:.1f} / {memory.pss_mib:.1f} / {memory.uss_mib:.1f}"


def main(
    sessions: Annotated[int, typer.Option(help="Open sessions.", min=2)] = 100,
    hold_seconds: Annotated[float, typer.Option(help="How long each number of sessions is held.")] = 15.0,
    load_process_count: Annotated[int, typer.Option(help="Processes that play the sessions.")] = 2,
) -> None:
    """Measure what an open session holds."""
    facts = machine_facts()
    stages = measure(sessions, hold_seconds, load_process_count)
    console = Console(width=120)  # also where the output goes to a file
    console.print(memory_table(stages))
    path = write_results("memory", {"machine": facts, "hold_seconds": hold_seconds, "stages": stages})
    console.print(f"Written to {path}")


if __name__ == "__main__":
    typer.run(main)
