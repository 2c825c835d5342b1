"""What viewers cost: one session that nobody follows, then the same session with a hundred viewers, in one run.

`python -m bench.viewers` plays the session in real time. Viewers have connections of their own and come from processes
of their own.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated

import grpc
import typer
from rich.console import Console
from rich.table import Table

from bench.load import Load, Note, Speaker, load_processes
from bench.machine import machine_facts
from bench.measurement import Measurement, Percentiles, Window, summarize
from bench.report import write_results
from bench.session import OWN_CONNECTION, PARTIAL_LAG, TARGET
from bench.system import cpu_seconds, running_system
from livetranslate.client.requests import session_config
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from livetranslate.wire import seconds_of_duration

FINAL_LAG = "final transcript: lag"
COMMIT_LAG = "final: sent to durable"
FINAL_AT = "final received by its speaker: number "
SEEN_AT = "final received by a viewer: number "
VIEWER_LAG = "final: after its speaker, at a viewer"
VIEWER_EVENT = "event at a viewer"

_SETTLE_SECONDS = 8.0  # until the session, or the last viewer, is there, and its past is read


@dataclass(frozen=True, slots=True)
class Figures:
    """One window of the run."""

    viewer_count: int
    seconds: float
    gateway_cpu_percent: float
    postgres_cpu_percent: float
    latencies: Mapping[str, Percentiles]
    events_to_viewers: int


# The session and its viewers


async def play_speaker(load: Load, speaker: Speaker, note: Note) -> None:
    """Speak, and note how late texts came, and when finals were durable."""
    async with grpc.aio.insecure_channel(load.address, options=OWN_CONNECTION) as channel:
        call = gateway_pb2_grpc.LiveTranslateServiceStub(channel).StreamingTranslateSpeech(_requests(speaker, note))
        sent_at: dict[int, float] = {}
        async for response in call:
            _note_event(response.event, sent_at, note)


async def _requests(speaker: Speaker, note: Note) -> AsyncIterator[gateway_pb2.StreamingTranslateSpeechRequest]:
    yield session_config(source="en", targets=[TARGET])
    async for chunk in speaker.chunks(note):
        yield gateway_pb2.StreamingTranslateSpeechRequest(audio=chunk)


def _note_event(event: gateway_pb2.SessionEvent, sent_at: dict[int, float], note: Note) -> None:
    now = time.monotonic()
    if event.event_number:
        sent_at[event.event_number] = now
        note(f"{FINAL_AT}{event.event_number}", now, 0)
    if event.HasField("transcript"):
        name = FINAL_LAG if event.transcript.revision.is_final else PARTIAL_LAG
        note(name, now, seconds_of_duration(event.transcript.lag))
    for number in [number for number in sent_at if number <= event.checkpoint.last_event_number]:
        note(COMMIT_LAG, now, now - sent_at.pop(number))


async def play_viewer(load: Load, speaker: Speaker, note: Note) -> None:
    """Follow the newest session for a while, and note what comes and when."""
    del speaker
    async with grpc.aio.insecure_channel(load.address, options=OWN_CONNECTION) as channel:
        newest = gateway_pb2.ListSessionsRequest(page_size=1)
        (session,) = (await gateway_pb2_grpc.SessionServiceStub(channel).ListSessions(newest)).sessions
        request = gateway_pb2.WatchSessionRequest(session_id=session.session_id)
        call = gateway_pb2_grpc.LiveTranslateServiceStub(channel).WatchSession(request)
        try:
            async with asyncio.timeout(load.end - time.monotonic()):
                async for response in call:
                    note(VIEWER_EVENT, time.monotonic(), 0)
                    if response.event.event_number:
                        note(f"{SEEN_AT}{response.event.event_number}", time.monotonic(), 0)
        except TimeoutError:
            call.cancel()


# The run


def measure(viewer_count: int, hold_seconds: float, process_count: int) -> list[Figures]:
    """The figures without viewers and with them."""
    with load_processes(1) as speakers, load_processes(process_count) as followers, running_system() as stack:
        pids = [stack.parts[name].pid for name in ("gateway", "postgres")]
        seconds = 2 * (hold_seconds + _SETTLE_SECONDS)
        speaking = speakers.play(play_speaker, Load(stack.gateway_address, 1, time.monotonic(), seconds))
        time.sleep(_SETTLE_SECONDS)
        alone = _hold(pids, hold_seconds)
        load = Load(stack.gateway_address, viewer_count, time.monotonic(), hold_seconds + _SETTLE_SECONDS)
        watching = followers.play(play_viewer, load)
        time.sleep(_SETTLE_SECONDS)
        followed = _hold(pids, hold_seconds)
        measurements = [*_results(speaking), *_results(watching)]
    measurements += _viewer_lags(measurements)
    return [_figures(0, *alone, measurements), _figures(viewer_count, *followed, measurements)]


def _hold(pids: Sequence[int], seconds: float) -> tuple[Window, list[float]]:
    """Let a window pass; the CPU that each process took in it, in percent of a core."""
    start, before = time.monotonic(), [cpu_seconds(pid) for pid in pids]
    time.sleep(seconds)
    window = Window(start, time.monotonic())
    return window, [100 * (cpu_seconds(pid) - used) / window.seconds for pid, used in zip(pids, before, strict=True)]


def _results(parts: Sequence[Future[list[Measurement]]]) -> list[Measurement]:
    return [measurement for part in parts for measurement in part.result()]


def _viewer_lags(measurements: Sequence[Measurement]) -> list[Measurement]:
    """How long after its speaker each viewer got a final: it has to be durable first."""
    spoken = {name.removeprefix(FINAL_AT): at for name, at, _ in measurements if name.startswith(FINAL_AT)}
    seen = [(name.removeprefix(SEEN_AT), at) for name, at, _ in measurements if name.startswith(SEEN_AT)]
    return [Measurement(VIEWER_LAG, at, at - spoken[number]) for number, at in seen]


def _figures(viewer_count: int, window: Window, cpu: Sequence[float], measurements: Sequence[Measurement]) -> Figures:
    found = summarize(measurements, window)
    latencies = {name: found[name] for name in (PARTIAL_LAG, FINAL_LAG, COMMIT_LAG, VIEWER_LAG) if name in found}
    gateway, postgres = (round(percent, 2) for percent in cpu)
    events = found[VIEWER_EVENT].count if VIEWER_EVENT in found else 0
    return Figures(viewer_count, round(window.seconds, 1), gateway, postgres, latencies, events)


def viewers_table(stages: Sequence[Figures]) -> Table:
    """Each window in a column."""
    table = Table("one session, p50 / p95 ms", title="Viewers, with models that cost nothing")
    for stage in stages:
        table.add_column(f"{stage.viewer_count} viewers", justify="right")
    for name in stages[-1].latencies:
        table.add_row(name, *(_latency(stage.latencies.get(name)) for stage in stages))
    table.add_row(
        "events to viewers, per second", *(f"{stage.events_to_viewers / stage.seconds:.0f}" for stage in stages)
    )
    table.add_row("CPU of the gateway, % of a core", *(f"{stage.gateway_cpu_percent:.1f}" for stage in stages))
    table.add_row("CPU of Postgres, % of a core", *(f"{stage.postgres_cpu_percent:.1f}" for stage in stages))
    return table


def _latency(percentiles: Percentiles | None) -> str:
    return "" if percentiles is None else f"{percentiles.p50_ms:.1f} / {percentiles.p95_ms:.1f}"


def main(
    viewers: Annotated[int, typer.Option(help="Those who follow the session.", min=1)] = 100,
    hold_seconds: Annotated[float, typer.Option(help="How long each window is.")] = 40.0,
    load_process_count: Annotated[int, typer.Option(help="Processes that follow.")] = 1,
) -> None:
    """Measure what viewers cost the session and the gateway."""
    facts = machine_facts()
    stages = measure(viewers, hold_seconds, load_process_count)
    console = Console(width=120)  # also where the output goes to a file
    console.print(viewers_table(stages))
    path = write_results("viewers", {"machine": facts, "stages": stages})
    console.print(f"Written to {path}")


if __name__ == "__main__":
    typer.run(main)
