"""How a session is opened again, on a real PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc
import pytest

from gateway.capabilities import CapabilityFinder, Hops
from gateway.opening import Opener
from gateway.options import SessionOptions
from gateway.settings import GatewaySettings
from gateway.store.database import Database
from gateway.store.records import Entry, TargetRecord
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.tokens import hash_of, new_resume_token
from livetranslate.client.requests import resume_request, session_config
from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.stack.postgres import Postgres
from livetranslate.v1 import asr_pb2_grpc, gateway_pb2, mt_pb2_grpc, tts_pb2_grpc, types_pb2
from tests.gateway import examples


@asynccontextmanager
async def opening(postgres: Postgres, database: Database, *, voice_cloning: bool = False) -> AsyncIterator[Opener]:
    """How sessions are opened while asr, mt and tts are away."""
    settings = GatewaySettings(LIVETRANSLATE_DATABASE_URL=postgres.url, voice_cloning=voice_cloning)
    async with grpc.aio.insecure_channel("127.0.0.1:1") as channel:
        hops = Hops(
            asr_pb2_grpc.AsrServiceStub(channel),
            mt_pb2_grpc.MtServiceStub(channel),
            tts_pb2_grpc.TtsServiceStub(channel),
        )
        yield Opener(settings, CapabilityFinder(hops), database, "other")


async def test_the_context_is_that_of_what_is_still_wanted(
    postgres: Postgres, database: Database, table: SessionTable, session_log: SessionLog
) -> None:
    """A segment that lacks a translation which nobody wants any more does not count as owed."""
    token = new_resume_token()
    session = replace(examples.session(), targets=(TargetRecord("es"),))
    await table.insert(session, hash_of(token), examples.REPLICA)
    segments = [
        replace(segment, target_language_codes=("es", "fr")) for segment in examples.segments(4, session.session_id)
    ]
    translations = [examples.translation(segment, 5 + number) for number, segment in enumerate(segments[:3])]
    await session_log.write([Entry(1, segment) for segment in segments])
    await session_log.write([Entry(1, translation) for translation in translations])
    request = gateway_pb2.ResumeRequest(
        session_id=session.session_id,
        resume_token=token,
        audio_format=types_pb2.AudioFormat(encoding=types_pb2.AUDIO_ENCODING_PCM_S16LE, sample_rate_hertz=16_000),
    )
    async with opening(postgres, database) as opener:  # nobody is asked: the targets are as stored
        resumed = (await opener.resume(request)).session
    assert resumed is not None
    assert [owed.segment_id for owed in resumed.transcripts_owed()] == [segments[3].segment_id]
    assert [before.segment_id for before in resumed.context_of_owed()] == [s.segment_id for s in segments[1:3]]


async def test_nobody_is_imitated_without_consent(postgres: Postgres, database: Database) -> None:
    """It is the first thing that is checked, and no service is asked."""
    config = session_config(source="en", speech=["es"], voices={"es": "speaker"}).config
    async with opening(postgres, database, voice_cloning=True) as opener:
        with pytest.raises(InvalidArgumentError) as raised:
            await opener.open(config)
    assert raised.value.reason == "CONSENT_REQUIRED"


@pytest.mark.parametrize(
    ("has_consent", "is_allowed", "reason"),
    [(True, True, "_UNAVAILABLE"), (False, True, "CONSENT_REQUIRED"), (True, False, "VOICE_CLONING_OFF")],
)
async def test_consent_is_that_of_the_session(
    postgres: Postgres, database: Database, has_consent: bool, is_allowed: bool, reason: str
) -> None:
    """Whoever resumes may wish for the speaker's voice if it was opened with consent; then the services are asked."""
    token, session = new_resume_token(), examples.session()
    options = SessionOptions(voice_cloning_consent=has_consent)
    await SessionTable(database).insert(session, hash_of(token), examples.REPLICA, options.to_bytes())
    request = resume_request(session.session_id, token, speech=["es"], voices={"es": "speaker"}).resume
    async with opening(postgres, database, voice_cloning=is_allowed) as opener:
        with pytest.raises(LiveTranslateError) as raised:
            await opener.resume(request)
    assert raised.value.reason.endswith(reason)
