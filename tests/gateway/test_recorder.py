"""The way of one session's finals into the store, and how long its end waits for them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.events import Body, Checkpoint, Notice, NoticeKind
from gateway.recorder import Recorder
from gateway.session import GatewaySession
from gateway.store.records import Record
from gateway.store.writer import StoreWriter, Write
from gateway.trace import SegmentSpans
from livetranslate.errors import InternalError, UnavailableError
from livetranslate.v1 import asr_pb2
from tests.gateway.bodies import SECOND, final


async def end(session: GatewaySession, write: Write, patience_seconds: float) -> list[Body]:
    """Store a session's only final and wait for it; returns what the client is told."""
    async with StoreWriter(write, max_retry_delay_seconds=0) as writer:
        recorder = Recorder(session, writer, SegmentSpans("s"), on_news=lambda: None)
        session.receive_audio(SECOND, 0.0)
        session.receive_transcript(replace(final(0), message=asr_pb2.TranscriptRevision()), 0.0)
        session.receive_progress(SECOND)
        await recorder.store()
        await recorder.wait_until_stored(patience_seconds)
    return [event.body for event in session.events_to_send()]


async def test_the_end_waits_until_everything_is_stored() -> None:
    """The last final is durable, and the checkpoint behind it told."""

    async def write(_: Sequence[Record]) -> None:
        """Take everything."""

    session = GatewaySession("s", [])
    assert (await end(session, write, patience_seconds=60))[-1] == Checkpoint(SECOND, 1)
    assert not session.undurable_events


async def test_the_end_does_not_wait_for_what_was_refused() -> None:
    """What the database will never take is our mistake, not an outage; the watermark stays before it."""

    async def write(_: Sequence[Record]) -> None:
        raise LookupError

    session = GatewaySession("s", [])
    with pytest.raises(InternalError):
        await end(session, write, patience_seconds=60)
    told = [event.body for event in session.events_to_send()]
    assert [body.kind for body in told if isinstance(body, Notice)] == [NoticeKind.STORE_UNAVAILABLE]
    assert not [body for body in told if isinstance(body, Checkpoint)]


async def test_the_patience_ends() -> None:
    """A database that does not answer in time is told as unavailable."""
    attempts = 0

    async def write(_: Sequence[Record]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise UnavailableError("DATABASE_UNAVAILABLE", "away")

    with pytest.raises(UnavailableError) as raised:
        await end(GatewaySession("s", []), write, patience_seconds=0)
    assert raised.value.reason == "STORE_UNAVAILABLE"
