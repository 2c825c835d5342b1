"""What the door for NVIDIA Riva's clients costs: `StreamingRecognize` beside our own protocol, for the same audio.

`python -m bench.riva` plays the same sessions by either protocol in turn, several times in one run, against the whole
system with models that cost nothing. Each figure is the median of the turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.load import Play, load_processes
from bench.machine import machine_facts
from bench.overhead import Scenario, load_for, run_scenario
from bench.report import write_results
from bench.riva_play import FINAL, INTERIM, play_own, play_riva
from bench.session import FAILED
from bench.system import running_system

MAX_CPU_RATIO = 1.10
MAX_ADDED_P95_MS = 5.0

_PROTOCOLS: tuple[tuple[str, Play], ...] = (("own", play_own), ("riva", play_riva))
_KINDS = (INTERIM, FINAL)
_ROOM = {  # all sessions of a turn open within a second, and none is told less than another
    "LIVETRANSLATE_GATEWAY_SESSIONS_PER_SECOND": "1000",
    "LIVETRANSLATE_GATEWAY_QUEUE_WAIT_BOUND_MS": "60000",
    "LIVETRANSLATE_GATEWAY_LOOP_DELAY_BOUND_MS": "60000",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """One protocol's figures, medians over the turns."""

    protocol: str
    gateway_cpu_ms_per_audio_second: float
    p50_ms: dict[str, float]
    p95_ms: dict[str, float]


def measure(session_count: int, turns: int, window_seconds: float, process_count: int) -> list[Scenario]:
    """All turns, the protocols taking them one after the other."""
    scenarios = []
    with load_processes(process_count) as processes, running_system(settings=_ROOM) as stack:
        pids = {"gateway": stack.parts["gateway"].pid}
        for turn in range(turns):
            for name, play in _PROTOCOLS if turn % 2 else reversed(_PROTOCOLS):
                load = load_for(stack.gateway_address, session_count, window_seconds)
                scenarios.append(run_scenario(name, play, load, pids=pids, processes=processes))
    return scenarios


def cost(protocol: str, scenarios: Sequence[Scenario]) -> Cost:
    """The medians of one protocol's turns."""
    own = [scenario for scenario in scenarios if scenario.name == protocol]
    return Cost(
        protocol,
        median(scenario.cpu_ms_per_audio_second["gateway"] for scenario in own),
        {kind: median(scenario.latencies[kind].p50_ms for scenario in own) for kind in _KINDS},
        {kind: median(scenario.latencies[kind].p95_ms for scenario in own) for kind in _KINDS},
    )


def table(own: Cost, riva: Cost) -> Table:
    """Both, and how they differ."""
    ratio = riva.gateway_cpu_ms_per_audio_second / own.gateway_cpu_ms_per_audio_second
    shown = Table("", "own", "riva", "difference", "aim", title="StreamingRecognize beside our own protocol")
    shown.add_row(
        "gateway CPU, ms per second of audio",
        f"{own.gateway_cpu_ms_per_audio_second:.2f}",
        f"{riva.gateway_cpu_ms_per_audio_second:.2f}",
        f"{ratio - 1:+.1%}",
        f"{MAX_CPU_RATIO - 1:+.0%}",
    )
    for kind in _KINDS:
        for name, ours, theirs in (("p50", own.p50_ms, riva.p50_ms), ("p95", own.p95_ms, riva.p95_ms)):
            aim = f"{MAX_ADDED_P95_MS:+g}" if name == "p95" else ""
            added = theirs[kind] - ours[kind]
            shown.add_row(f"{kind}, {name}, ms", f"{ours[kind]:.1f}", f"{theirs[kind]:.1f}", f"{added:+.1f}", aim)
    return shown


def main(
    sessions: Annotated[int, typer.Option(help="Open sessions.")] = 30,
    turns: Annotated[int, typer.Option(help="How often each protocol is measured.")] = 4,
    window_seconds: Annotated[float, typer.Option(help="How long each turn is measured.")] = 10.0,
    load_process_count: Annotated[int, typer.Option(help="Processes that play the sessions.")] = 2,
) -> None:
    """Measure what Riva's protocol costs beside ours."""
    facts = machine_facts()
    scenarios = measure(sessions, turns, window_seconds, load_process_count)
    own, riva = (cost(name, scenarios) for name, _ in _PROTOCOLS)
    console = Console(width=120)
    console.print(table(own, riva))
    failed = sum(figures.count for turn in scenarios for name, figures in turn.latencies.items() if FAILED in name)
    in_time = all(scenario.kept_real_time for scenario in scenarios)
    console.print(f"Failed sessions: {failed}. Real time kept: {'yes' if in_time else 'NO'}.")
    results = {"machine": facts, "window_seconds": window_seconds, "own": own, "riva": riva, "turns": scenarios}
    console.print(f"Written to {write_results('riva', results)}")


if __name__ == "__main__":
    typer.run(main)
