"""How a session is opened again, on a real PostgreSQL."""

from dataclasses import replace

import grpc

from gateway.capabilities import CapabilityFinder, Hops
from gateway.opening import Opener
from gateway.settings import GatewaySettings
from gateway.store.database import Database
from gateway.store.records import Entry, TargetRecord
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.tokens import hash_of, new_resume_token
from livetranslate.stack.postgres import Postgres
from livetranslate.v1 import asr_pb2_grpc, gateway_pb2, mt_pb2_grpc, tts_pb2_grpc, types_pb2
from tests.gateway import examples


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
    settings = GatewaySettings(LIVETRANSLATE_DATABASE_URL=postgres.url)
    async with grpc.aio.insecure_channel("127.0.0.1:1") as channel:  # nobody is asked: the targets are as stored
        hops = Hops(
            asr_pb2_grpc.AsrServiceStub(channel),
            mt_pb2_grpc.MtServiceStub(channel),
            tts_pb2_grpc.TtsServiceStub(channel),
        )
        resumed = (await Opener(settings, CapabilityFinder(hops), database, "other").resume(request)).session
    assert resumed is not None
    assert [owed.segment_id for owed in resumed.transcripts_owed()] == [segments[3].segment_id]
    assert [before.segment_id for before in resumed.context_of_owed()] == [s.segment_id for s in segments[1:3]]
