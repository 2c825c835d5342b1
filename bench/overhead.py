"""What the services themselves cost: CPU per second of audio, and latency, with models that cost nothing.

`python -m bench.overhead` plays sessions in real time against the whole system and, in the same run, the same audio
against a bare echo.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.echo import echo_server, play_echo
from bench.load import CHUNK_SECONDS, PACING_SLIP, Load, LoadProcesses, Play, load_processes
from bench.machine import machine_facts
from bench.measurement import Percentiles, Window, summarize
from bench.report import write_results
from bench.session import PARTIAL_LAG, play_session
from bench.system import BESIDE, SERVICES, cpu_seconds, running_system

AIM_MS = 6.0  # of CPU for each second of audio, over all services

_START_DELAY_SECONDS = 0.3  # until every process has its part of the load
_WARM_UP_SECONDS = 3.0  # until all sessions are open and most have had a segment
_TAIL_SECONDS = 0.2  # the window ends before the first session does
_MAX_LAG_MS = 1000.0  # of partials: 0.5 s passes until a step is decoded, the rest is waiting
_ECHO_WINDOW_SECONDS = 4.0  # an echo does the same all the time


@dataclass(frozen=True, slots=True)
class Scenario:
    """One load and what it cost."""

    name: str
    session_count: int
    audio_seconds: float
    kept_real_time: bool
    cpu_ms_per_audio_second: Mapping[str, float]
    latencies: Mapping[str, Percentiles]

    @property
    def services_ms(self) -> float:
        """CPU per second of audio over the four services."""
        return sum(self.cpu_ms_per_audio_second[name] for name in SERVICES)

    @property
    def echo_ms(self) -> float:
        """CPU per second of audio of the echo."""
        return self.cpu_ms_per_audio_second["echo"]


def run_scenario(name: str, play: Play, load: Load, *, pids: Mapping[str, int], processes: LoadProcesses) -> Scenario:
    """Play a load and measure the processes `pids` in a window in the middle of it."""
    parts = processes.play(play, load)
    time.sleep(load.start + _WARM_UP_SECONDS - time.monotonic())
    before, start = {part: cpu_seconds(pid) for part, pid in pids.items()}, time.monotonic()
    time.sleep(load.seconds - _WARM_UP_SECONDS - _TAIL_SECONDS)
    after, window = {part: cpu_seconds(pid) for part, pid in pids.items()}, Window(start, time.monotonic())
    latencies = summarize(chain.from_iterable(part.result() for part in parts), window)
    audio_seconds = latencies[PACING_SLIP].count * CHUNK_SECONDS
    return Scenario(
        name=name,
        session_count=load.session_count,
        audio_seconds=round(audio_seconds, 1),
        kept_real_time=_kept_real_time(latencies),
        cpu_ms_per_audio_second={part: round((after[part] - before[part]) * 1000 / audio_seconds, 3) for part in pids},
        latencies=latencies,
    )


def _kept_real_time(latencies: Mapping[str, Percentiles]) -> bool:
    """Whether clients sent each chunk before the next, and the services were never further behind than it takes."""
    partials = latencies.get(PARTIAL_LAG)
    is_sent_in_time = latencies[PACING_SLIP].p99_ms < CHUNK_SECONDS * 1000
    return is_sent_in_time and (partials is None or partials.p99_ms < _MAX_LAG_MS)


def load_for(address: str, session_count: int, window_seconds: float, *, speech: bool = False) -> Load:
    """A load that begins in a moment and outlasts its window."""
    seconds = _WARM_UP_SECONDS + window_seconds + _TAIL_SECONDS
    return Load(address, session_count, time.monotonic() + _START_DELAY_SECONDS, seconds, speech)


def measure(session_counts: list[int], window_seconds: float, process_count: int) -> list[Scenario]:
    """All scenarios, the echo before those of the same size."""
    scenarios = []
    with (
        load_processes(process_count) as processes,
        TemporaryDirectory() as folder,
        echo_server(Path(folder)) as (echo_address, echo_pid),
        running_system() as stack,
    ):
        pids = {name: stack.parts[name].pid for name in (*SERVICES, *BESIDE)}
        for count in session_counts:
            load = load_for(echo_address, count, _ECHO_WINDOW_SECONDS)
            scenarios.append(run_scenario("echo", play_echo, load, pids={"echo": echo_pid}, processes=processes))
            for name, speech in (("captions", False), ("captions and speech", True)):
                load = load_for(stack.gateway_address, count, window_seconds, speech=speech)
                scenarios.append(run_scenario(name, play_session, load, pids=pids, processes=processes))
    return scenarios


def cpu_table(scenarios: list[Scenario]) -> Table:
    """CPU of each part; a column per scenario."""
    table = Table("CPU, ms per second of audio", title="Overhead with models that cost nothing")
    for scenario in scenarios:
        table.add_column(f"{scenario.session_count} {scenario.name}", justify="right")
    columns = [_cpu_column(scenario, _echo_beside(scenario, scenarios)) for scenario in scenarios]
    for name in columns[-1]:
        table.add_row(name, *(column.get(name, "") for column in columns))
    return table


def _echo_beside(scenario: Scenario, scenarios: list[Scenario]) -> float:
    sizes = {other.session_count: other.echo_ms for other in scenarios if other.name == "echo"}
    return sizes[scenario.session_count]


def _cpu_column(scenario: Scenario, echo_ms: float) -> dict[str, str]:
    costs = scenario.cpu_ms_per_audio_second
    real_time = {"real time kept": "yes" if scenario.kept_real_time else "NO"}
    if scenario.name == "echo":
        return {"echo": f"{echo_ms:.2f}", **real_time}
    services = {name: f"{costs[name]:.2f} ({costs[name] / scenario.services_ms:.0%})" for name in SERVICES}
    return {
        **services,
        f"all services (aim: {AIM_MS:g})": f"{scenario.services_ms:.2f}",
        "echo": "",
        "services / echo": f"{scenario.services_ms / echo_ms:.1f}",
        **{f"beside: {name}": f"{costs[name]:.2f}" for name in BESIDE},
        **real_time,
    }


def latency_table(scenarios: list[Scenario]) -> Table:
    """The percentiles of each kind of figure."""
    table = Table("latency, ms", "kind")
    for heading in ("count", "p50", "p95", "p99"):
        table.add_column(heading, justify="right")
    for scenario in scenarios:
        name = f"{scenario.session_count} {scenario.name}"
        for kind, values in scenario.latencies.items():
            figures = (f"{value:,.1f}" for value in (values.p50_ms, values.p95_ms, values.p99_ms))
            table.add_row(name, kind, str(values.count), *figures)
            name = ""
        table.add_section()
    return table


def main(
    sessions: Annotated[list[int] | None, typer.Option(help="Open sessions; once per size. [20 and 50]")] = None,
    window_seconds: Annotated[float, typer.Option(help="How long each load is measured.")] = 8.0,
    load_process_count: Annotated[int, typer.Option(help="Processes that play the sessions.")] = 2,
) -> None:
    """Measure what the services cost beside a bare echo."""
    facts = machine_facts()
    scenarios = measure(sessions or [20, 50], window_seconds, load_process_count)
    console = Console(width=120)  # also where the output goes to a file
    console.print(cpu_table(scenarios), latency_table(scenarios))
    path = write_results("overhead", {"machine": facts, "window_seconds": window_seconds, "scenarios": scenarios})
    console.print(f"Written to {path}")


if __name__ == "__main__":
    typer.run(main)
