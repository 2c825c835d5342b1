"""Stored sessions over gRPC, on a real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TypeAlias

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from gateway.sessions import SessionService
from gateway.store.database import Database
from gateway.store.records import AudioRecord, Entry, SessionRecord, SessionState, SpeechRecord
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.server import Server
from livetranslate.settings import ServiceSettings
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from tests.gateway import examples

Stub: TypeAlias = "gateway_pb2_grpc.SessionServiceAsyncStub"  # known to type checkers only
SRT = gateway_pb2.EXPORT_FORMAT_SRT


@pytest.fixture
async def stub(database: Database) -> AsyncIterator[Stub]:
    """A client of a real server."""
    server = Server(ServiceSettings(listen="127.0.0.1:0"), "livetranslate.v1.SessionService")
    gateway_pb2_grpc.add_SessionServiceServicer_to_server(SessionService(database), server.grpc)
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield gateway_pb2_grpc.SessionServiceStub(channel)
    await server.stop()


@pytest.fixture
async def session(table: SessionTable) -> SessionRecord:
    """An active session that keeps its audio and speech."""
    session = replace(examples.session(), store_audio=True, store_speech=True, retention_seconds=60)
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    return session


async def test_the_state_of_a_session_is_told(stub: Stub, session: SessionRecord, table: SessionTable) -> None:
    """Active, suspended, and at last completed, with the time at which it will be deleted."""
    request = gateway_pb2.GetSessionRequest(session_id=session.session_id)
    assert (await stub.GetSession(request)).session.state == gateway_pb2.SESSION_STATE_ACTIVE
    await table.suspend(session.session_id, 1, window_seconds=60, sample_count=0)
    suspended = (await stub.GetSession(request)).session
    assert suspended.state == gateway_pb2.SESSION_STATE_SUSPENDED
    assert not suspended.HasField("end_time")
    assert not suspended.HasField("expire_time")
    await table.finish(session.session_id, 1, SessionState.COMPLETED, 16_000)
    completed = (await stub.GetSession(request)).session
    assert completed.state == gateway_pb2.SESSION_STATE_COMPLETED
    assert completed.expire_time.seconds - completed.end_time.seconds == 60


@pytest.mark.parametrize("is_suspended", [False, True])
async def test_a_session_is_exported_before_its_end(
    stub: Stub,
    session: SessionRecord,
    table: SessionTable,
    session_log: SessionLog,
    is_suspended: bool,
) -> None:
    """While it is active, and while it waits to be resumed, a file has what is stored by then."""
    request = gateway_pb2.ExportSessionRequest(session_id=session.session_id, format=gateway_pb2.EXPORT_FORMAT_TXT)
    assert (await stub.ExportSession(request)).content == b""
    segment = examples.segment(session.session_id, 1)
    await session_log.write([Entry(1, segment), Entry(1, examples.translation(segment, 2))])
    if is_suspended:
        await table.suspend(session.session_id, 1, window_seconds=60, sample_count=0)
    assert (await stub.ExportSession(request)).content == b"good morning\n"
    request.language_code = "es"
    assert (await stub.ExportSession(request)).content.decode() == "buenos días\n"


async def test_subtitles_follow_the_options(stub: Stub, session: SessionRecord, session_log: SessionLog) -> None:
    """Zero is the default; what is out of range is refused by name."""
    await session_log.write([Entry(1, examples.segment(session.session_id, 1, 0, "we have three options"))])
    request = gateway_pb2.ExportSessionRequest(session_id=session.session_id, format=SRT)
    usual = (await stub.ExportSession(request)).content.decode()
    assert usual == "1\n00:00:00,000 --> 00:00:01,236\nwe have three options\n\n"
    request.subtitles.max_line_characters = 13
    request.subtitles.min_duration.CopyFrom(Duration(seconds=2, nanos=500_000_000))
    narrow = (await stub.ExportSession(request)).content.decode()
    assert narrow == "1\n00:00:00,000 --> 00:00:02,500\nwe have\nthree options\n\n"
    request.subtitles.max_line_count = 9
    with pytest.raises(grpc.aio.AioRpcError, match=r"`subtitles\.max_line_count` is 9: 1 to 4") as raised:
        await stub.ExportSession(request)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_stored_audio_is_read_with_its_gaps(stub: Stub, session: SessionRecord, session_log: SessionLog) -> None:
    """What never came is silence, so that each sample stands at its offset; speech is one piece after the other."""
    session_id = session.session_id
    await session_log.write(
        [
            Entry(1, AudioRecord(session_id, 0, b"\1\0" * 100)),
            Entry(1, AudioRecord(session_id, 400_000, b"\2\0" * 100)),
            Entry(1, SpeechRecord(session_id, "000000000000", "es", 22_050, b"\3\0" * 10)),
            Entry(1, SpeechRecord(session_id, "000000016000", "es", 22_050, b"\4\0" * 10)),
        ]
    )
    request = gateway_pb2.ReadSessionAudioRequest(session_id=session_id)
    pieces = [piece async for piece in stub.ReadSessionAudio(request)]
    assert b"".join(piece.audio for piece in pieces) == b"\1\0" * 100 + bytes(2 * 399_900) + b"\2\0" * 100
    assert {piece.sample_rate_hertz for piece in pieces} == {16_000}
    request.language_code = "es"
    pieces = [piece async for piece in stub.ReadSessionAudio(request)]
    assert b"".join(piece.audio for piece in pieces) == b"\3\0" * 10 + b"\4\0" * 10
    assert {piece.sample_rate_hertz for piece in pieces} == {22_050}


@pytest.mark.parametrize(("language_code", "how"), [("", "config.store_audio"), ("es", "config.store_speech")])
async def test_audio_that_is_not_stored_is_not_found(
    stub: Stub, table: SessionTable, language_code: str, how: str
) -> None:
    """The error says how to ask for it."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    request = gateway_pb2.ReadSessionAudioRequest(session_id=session.session_id, language_code=language_code)
    with pytest.raises(grpc.aio.AioRpcError, match=how) as raised:
        await anext(aiter(stub.ReadSessionAudio(request)))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


async def test_audio_that_is_to_be_stored_may_come_later(stub: Stub, session: SessionRecord) -> None:
    """Whoever has asked for it is not told to ask for it."""
    request = gateway_pb2.ReadSessionAudioRequest(session_id=session.session_id)
    with pytest.raises(grpc.aio.AioRpcError, match="stored yet"):
        await anext(aiter(stub.ReadSessionAudio(request)))


async def test_a_suspended_session_can_be_deleted(stub: Stub, session: SessionRecord, table: SessionTable) -> None:
    """An active one cannot; afterwards there is none."""
    request = gateway_pb2.DeleteSessionRequest(session_id=session.session_id)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.DeleteSession(request)
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    await table.suspend(session.session_id, 1, window_seconds=60, sample_count=0)
    await stub.DeleteSession(request)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.GetSession(gateway_pb2.GetSessionRequest(session_id=session.session_id))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND
