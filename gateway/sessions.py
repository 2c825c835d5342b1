"""The gRPC shell of stored sessions."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.export import MEDIA_TYPES, ExportFormat, export
from gateway.store.database import Database
from gateway.store.records import FinalRecord, SessionRecord, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.subtitle_options import SubtitleOptions
from livetranslate.errors import InvalidArgumentError, NotFoundError
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from livetranslate.wire import duration_of_samples, seconds_of_duration

_STATES = {
    SessionState.ACTIVE: gateway_pb2.SESSION_STATE_ACTIVE,
    SessionState.SUSPENDED: gateway_pb2.SESSION_STATE_SUSPENDED,
    SessionState.COMPLETED: gateway_pb2.SESSION_STATE_COMPLETED,
    SessionState.INTERRUPTED: gateway_pb2.SESSION_STATE_INTERRUPTED,
}

_FORMATS = {
    gateway_pb2.EXPORT_FORMAT_SRT: ExportFormat.SRT,
    gateway_pb2.EXPORT_FORMAT_VTT: ExportFormat.VTT,
    gateway_pb2.EXPORT_FORMAT_JSON: ExportFormat.JSON,
    gateway_pb2.EXPORT_FORMAT_TXT: ExportFormat.TXT,
}

_SILENCE_SAMPLES = 10 * SAMPLE_RATE_HERTZ  # in one message

GetContext = grpc.aio.ServicerContext[gateway_pb2.GetSessionRequest, gateway_pb2.GetSessionResponse]
ListContext = grpc.aio.ServicerContext[gateway_pb2.ListSessionsRequest, gateway_pb2.ListSessionsResponse]
ExportContext = grpc.aio.ServicerContext[gateway_pb2.ExportSessionRequest, gateway_pb2.ExportSessionResponse]
ReadAudioContext = grpc.aio.ServicerContext[gateway_pb2.ReadSessionAudioRequest, gateway_pb2.ReadSessionAudioResponse]
DeleteContext = grpc.aio.ServicerContext[gateway_pb2.DeleteSessionRequest, gateway_pb2.DeleteSessionResponse]


class SessionService(gateway_pb2_grpc.SessionServiceServicer):
    """Answers `livetranslate.v1.SessionService`."""

    def __init__(self, database: Database) -> None:
        """Use what `__main__` has built."""
        self._table = SessionTable(database)
        self._log = SessionLog(database)

    async def GetSession(
        self, request: gateway_pb2.GetSessionRequest, context: GetContext
    ) -> gateway_pb2.GetSessionResponse:
        """Get one session."""
        del context
        session = await self._table.get(request.session_id)
        return gateway_pb2.GetSessionResponse(session=_session_to_proto(session))

    async def ListSessions(
        self, request: gateway_pb2.ListSessionsRequest, context: ListContext
    ) -> gateway_pb2.ListSessionsResponse:
        """List sessions, newest first."""
        del context
        if request.page_size < 0:
            raise InvalidArgumentError("PAGE_SIZE_INVALID", "`page_size` is negative. Use 1 to 1000, or 0 for 50.")
        sessions, token = await self._table.list(request.page_size, request.page_token)
        return gateway_pb2.ListSessionsResponse(sessions=map(_session_to_proto, sessions), next_page_token=token)

    async def ExportSession(
        self, request: gateway_pb2.ExportSessionRequest, context: ExportContext
    ) -> gateway_pb2.ExportSessionResponse:
        """Render a file of what is stored of a session so far."""
        del context
        return await self.export(request)

    async def export(self, request: gateway_pb2.ExportSessionRequest) -> gateway_pb2.ExportSessionResponse:
        """The same, whatever door the client came through."""
        if request.format not in _FORMATS:
            raise InvalidArgumentError("FORMAT_MISSING", "`format` is not one of SRT, VTT, JSON and TXT.")
        subtitles = _subtitle_options(request.subtitles)
        session = await self._table.get(request.session_id)
        records = await self._log.read_records(request.session_id)
        language = _language_of(session, records, request.language_code)
        export_format = _FORMATS[request.format]
        content = await asyncio.to_thread(export, session, records, export_format, language, subtitles)
        return gateway_pb2.ExportSessionResponse(content=content.encode(), media_type=MEDIA_TYPES[export_format])

    async def ReadSessionAudio(
        self, request: gateway_pb2.ReadSessionAudioRequest, context: ReadAudioContext
    ) -> AsyncIterator[gateway_pb2.ReadSessionAudioResponse]:
        """Read what is stored of a session's audio, or of its speech in one language, so far."""
        del context
        session = await self._table.get(request.session_id)
        is_stored = False
        async for audio, rate in self._audio_of(session, request.language_code):
            is_stored = True
            yield gateway_pb2.ReadSessionAudioResponse(audio=audio, sample_rate_hertz=rate)
        if not is_stored:
            raise _audio_not_stored(session, request.language_code)

    async def DeleteSession(
        self, request: gateway_pb2.DeleteSessionRequest, context: DeleteContext
    ) -> gateway_pb2.DeleteSessionResponse:
        """Delete a session that is not active, with everything stored of it."""
        del context
        await self._table.delete(request.session_id)
        return gateway_pb2.DeleteSessionResponse()

    async def _audio_of(self, session: SessionRecord, language_code: str) -> AsyncIterator[tuple[bytes, int]]:
        """Stored samples and their rate, in order."""
        if language_code:
            async for spoken in self._log.read_speech(session.session_id, language_code):
                yield spoken.audio, spoken.sample_rate_hertz
            return
        sample = 0
        async for piece in self._log.read_audio(session.session_id):
            for silence in _silence(piece.start_sample - sample):  # what never came: offsets stay true
                yield silence, SAMPLE_RATE_HERTZ
            yield piece.audio, SAMPLE_RATE_HERTZ
            sample = piece.start_sample + len(piece.audio) // BYTES_PER_SAMPLE


def _language_of(session: SessionRecord, records: Sequence[FinalRecord], language_code: str) -> str:
    """The target to export; empty for the transcript."""
    if language_code in ("", session.source_language_code):
        return ""
    # What is stored counts, too: a target's translations may be there though its addition could not be noted.
    there_is = {session.source_language_code, *session.target_language_codes}
    there_is.update(record.language_code for record in records)
    if language_code not in there_is:
        languages = ", ".join(sorted(there_is))
        message = f"The session was not translated into {language_code!r}. Languages: {languages}."
        raise InvalidArgumentError("LANGUAGE_NOT_IN_SESSION", message, language=language_code)
    return language_code


def _subtitle_options(message: gateway_pb2.SubtitleOptions) -> SubtitleOptions:
    """Zero means the default."""
    given = {
        "max_line_characters": message.max_line_characters,
        "max_line_count": message.max_line_count,
        "min_duration_ms": round(seconds_of_duration(message.min_duration) * 1000),
        "max_characters_per_second": message.max_characters_per_second,
    }
    return SubtitleOptions(**{name: value for name, value in given.items() if value})


def _silence(sample_count: int) -> Iterator[bytes]:
    for start in range(0, sample_count, _SILENCE_SAMPLES):
        yield bytes(min(_SILENCE_SAMPLES, sample_count - start) * BYTES_PER_SAMPLE)


def _audio_not_stored(session: SessionRecord, language_code: str) -> NotFoundError:
    what, was_wished, how = (
        (f"speech in {language_code!r}", session.store_speech, "`config.store_speech` and a target with `speech`")
        if language_code
        else ("audio", session.store_audio, "`config.store_audio`")
    )
    message = (
        f"No {what} of this session is stored yet."
        if was_wished
        else f"No {what} of this session is stored. Ask for it when the session is opened: {how}."
    )
    return NotFoundError("AUDIO_NOT_STORED", message, session_id=session.session_id)


def _session_to_proto(session: SessionRecord) -> gateway_pb2.Session:
    message = gateway_pb2.Session(
        session_id=session.session_id,
        title=session.title,
        state=_STATES[session.state],
        source_language_code=session.source_language_code,
        target_language_codes=session.target_language_codes,
        audio_duration=duration_of_samples(session.sample_count),
        segment_count=session.segment_count,
    )
    message.start_time.CopyFrom(_timestamp(session.start_time))
    if session.end_time is not None:
        message.end_time.CopyFrom(_timestamp(session.end_time))
    if session.expire_time is not None:
        message.expire_time.CopyFrom(_timestamp(session.expire_time))
    return message


def _timestamp(time: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(time)
    return message
