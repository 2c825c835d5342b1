"""A gateway whose services are busy, over real gRPC: who is let in, what is left out, and that nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

import grpc
import numpy as np
import pytest

from gateway.degradation import Degradation
from livetranslate.client import AsyncClient, ConnectionEvent, TranslateError
from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id
from livetranslate.stack.postgres import Postgres
from livetranslate.v1 import gateway_pb2, types_pb2
from tests.gateway.inner_services import BUSY, CALM, Asr, Mt, inner_services, text_of
from tests.gateway.raw_session import RawSession, Request, config, resume
from tests.gateway.running_gateway import running_gateway
from tests.gateway.told import Told

SECOND_BYTES = 2 * SAMPLE_RATE_HERTZ
MESSAGE = bytes(SECOND_BYTES // 5)
PATIENCE_SECONDS = 120
STEPS = [types_pb2.DEGRADATION_WIDER_STEPS, types_pb2.DEGRADATION_NO_DRAFTS, types_pb2.DEGRADATION_NO_PARTIALS]
HELD_AT_LEAST_BYTES = 2_000_000
HELD_BYTES = 12 * 1024 * 1024  # the backlog's 2.9 MB, and what gRPC holds at the four ends of two connections


class World:
    """A gateway, and the services behind it."""

    def __init__(self) -> None:
        self.asr, self.mt = Asr(), Mt()  # type: ignore[abstract] # what is not there is not used
        self.address = ""


@asynccontextmanager
async def world(postgres: Postgres, monkeypatch: pytest.MonkeyPatch, **settings: str) -> AsyncIterator[World]:
    """Steps are taken ten times as fast here, and none back; this machine itself may be as slow as it likes."""
    monkeypatch.setattr("gateway.pressure.HARDER_SECONDS", 0.5)
    monkeypatch.setattr("gateway.pressure.MILDER_SECONDS", 3600)  # what says nothing because it is slow is not calm
    monkeypatch.setattr("gateway.pressure._PERIOD_SECONDS", 1.0)
    monkeypatch.setattr("gateway.pressure_watch._SPREAD_SECONDS", 0)  # or a session may hear of two steps as one
    served = World()
    defaults = {
        "LIVETRANSLATE_DATABASE_URL": postgres.url,
        "LIVETRANSLATE_GATEWAY_LOOP_DELAY_BOUND_MS": "3600000",
        "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "0",
    }
    changed = {f"LIVETRANSLATE_GATEWAY_{name.upper()}": value for name, value in settings.items()}
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        inner_services(served.asr, served.mt) as urls,
        running_gateway(monkeypatch, {**defaults, **urls, **changed}) as address,
    ):
        served.address = address
        yield served


@asynccontextmanager
async def talking(session: RawSession) -> AsyncIterator[None]:
    """Somebody speaks while the block runs: faster than in life, and whole seconds, so that each is a segment."""
    is_enough = asyncio.Event()

    async def talk() -> None:
        for message in count(1):
            await session.send(Request(audio=MESSAGE))
            if is_enough.is_set() and message % 5 == 0:
                return
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(talk())
        yield
        is_enough.set()


def steps(told: Told) -> list[int]:
    """What was said to be left out, in order."""
    return [event.notice.degradation for event in told.events if event.notice.degradation]


def partials_after(told: Told, step: int) -> list[gateway_pb2.SessionEvent]:
    """Text that is not final, after a step was told."""
    return [event for event in told.events[place_of(told, step) :] if is_partial(event)]


def growing_after(told: Told, step: int) -> list[str]:
    """The segments that were shown while they grew, after a step was told."""
    revisions = [event.transcript.revision for event in partials_after(told, step)]
    return sorted({revision.segment_id for revision in revisions if revision.unstable_text})


def place_of(told: Told, step: int) -> int:
    """Where a step was told, among the events."""
    [place] = [place for place, event in enumerate(told.events) if event.notice.degradation == step]
    return place


def is_partial(event: gateway_pb2.SessionEvent) -> bool:
    return (event.HasField("transcript") and not event.transcript.revision.is_final) or (
        event.HasField("translation") and not event.translation.revision.is_final
    )


def has_ended(has_begun: asyncio.Event) -> Callable[[Told], bool]:
    """Whether a viewer has been told everything; sets the event when it has been told something."""

    def holds(told: Told) -> bool:
        if told.events:
            has_begun.set()
        return told.kinds[-1:] == ["summary"]

    return holds


async def refused(address: str, first: Request) -> TranslateError:
    """How a session is refused."""
    with pytest.raises(TranslateError) as raised:
        async with RawSession.opened(address, first):
            raise AssertionError("it was let in")
    return raised.value


async def test_what_can_be_missed_is_left_out_and_nothing_else(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While asr is busy nobody new is let in; the session that runs, and who follows it, hear of each step and back."""
    async with world(postgres, monkeypatch) as here, AsyncClient(here.address) as client:
        async with RawSession.opened(here.address, config()) as session:
            viewed, follows = Told(), asyncio.Event()
            viewing = asyncio.create_task(viewed.until(client.watch(session.told.session_id), has_ended(follows)))
            async with talking(session):
                await session.until(lambda told: bool(told.finals))
                await follows.wait()
                here.asr.load = BUSY
                await session.until(lambda told: steps(told) == STEPS)
            refusal = await refused(here.address, config())
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_BUSY")
            assert refusal.metadata["service"] == "asr"
            assert refusal.retry_delay_seconds > 1
            before = session.told
        assert partials_after(before, types_pb2.DEGRADATION_NO_PARTIALS) == []
        async with RawSession.opened(here.address, resume(before, audio_sample=None)) as session:
            await session.until(lambda told: bool(steps(told)))
            assert steps(session.told) == STEPS[-1:]
            here.asr.load = CALM
            monkeypatch.setattr("gateway.pressure.MILDER_SECONDS", 1.0)
            async with talking(session):
                await session.until(lambda told: types_pb2.DEGRADATION_NONE in steps(told))
                await session.until(lambda told: bool(partials_after(told, types_pb2.DEGRADATION_NONE)))
            told = await session.finish()
        assert steps(told) == [*STEPS[::-1], types_pb2.DEGRADATION_NONE]
        async with RawSession.opened(here.address, config()):
            pass  # there is room again
        await viewing
    assert set(steps(viewed)) == {*STEPS, types_pb2.DEGRADATION_NONE}
    assert viewed.finals == told.finals | before.finals
    assert told.summary.segment_count == told.summary.translation_count
    assert told.finals | before.finals == {
        segment_id(second * SAMPLE_RATE_HERTZ): text_of(second) for second in range(told.summary.segment_count)
    }
    asked = [(pace.step_duration.ToSeconds(), pace.is_final_only) for pace in here.asr.paces]
    assert [asked[0], asked[-1]] == [(1, False), (0, False)]
    assert (1, True) in asked


async def test_drafts_are_left_out_before_partial_text(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the second step what is shown still grows; mt is asked for what is committed, and for nothing else."""
    monkeypatch.setattr(Degradation, "harder", property(lambda step: Degradation(min(step + 1, 2))))
    async with world(postgres, monkeypatch) as here, RawSession.opened(here.address, config()) as session:
        here.asr.load = BUSY
        async with talking(session):
            await session.until(lambda told: steps(told) == STEPS[:2])
            await session.until(lambda told: len(growing_after(told, STEPS[1])) > 3)
        told = await session.finish()
    for name in growing_after(told, STEPS[1])[1:]:  # of the first one mt may have been asked before
        asked = [segment for segment in here.mt.asked if segment.segment_id == name]
        assert [segment.committed_text for segment in asked] == ["this", told.finals[name]]
        assert [segment.unstable_text for segment in asked] == ["", ""]


async def test_a_rush_is_let_in_one_after_the_other(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """As fast as it can be measured; a client that has the time comes when it is told to, and gets everything."""
    told: list[ConnectionEvent] = []

    async def one(client: AsyncClient) -> Told:
        audio = [MESSAGE] * 5
        return await Told.of(
            client.translate(audio, source="en", admission_seconds=60, on_connection=told.append, targets=["es"])
        )

    async with world(postgres, monkeypatch, sessions_per_second="3") as here, AsyncClient(here.address) as client:
        sessions = await asyncio.gather(*(one(client) for _ in range(7)))
    assert [session.summary.segment_count for session in sessions] == [1] * 7
    assert len(told) >= 4
    assert {(event.state, event.error and event.error.reason) for event in told} == {("refused", "TOO_MANY_OPENINGS")}


async def test_a_sender_that_is_too_fast_is_held_up_without_loss(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is sent at once waits in the client, not in the gateway, until asr goes on."""
    audio = np.random.default_rng(1).integers(-1000, 1000, 600 * SAMPLE_RATE_HERTZ, np.int16).tobytes()
    async with world(postgres, monkeypatch) as here, RawSession.opened(here.address, config(())) as session:
        here.asr.may_read.clear()
        sent = 0

        async def send() -> None:
            nonlocal sent
            for start in range(0, len(audio), 64 * 1024):
                piece = audio[start : start + 64 * 1024]
                await session.send(Request(audio=piece))
                sent += len(piece)

        sending = asyncio.create_task(send())
        before = -1
        while before < sent or sent < HELD_AT_LEAST_BYTES:  # until nothing has been taken for a while
            before = sent
            await asyncio.wait([sending], timeout=2)
        assert sent < HELD_BYTES < len(audio)
        here.asr.may_read.set()
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(session.until(lambda told: len(told.finals) >= 600))
            await sending
            await reading
        told = await session.finish()
    assert bytes(here.asr.heard) == audio
    assert list(told.finals.values()) == [text_of(second) for second in range(600)]
    assert told.summary.audio_duration.seconds == 600
