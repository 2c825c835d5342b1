"""The gRPC shell of stored sessions."""

import asyncio
from datetime import datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.export import MEDIA_TYPES, ExportFormat, export
from gateway.store.postgres import PostgresStore
from gateway.store.records import SessionRecord, SessionState
from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from livetranslate.wire import duration_of_samples

_STATES = {
    SessionState.ACTIVE: gateway_pb2.SESSION_STATE_ACTIVE,
    SessionState.COMPLETED: gateway_pb2.SESSION_STATE_COMPLETED,
    SessionState.INTERRUPTED: gateway_pb2.SESSION_STATE_INTERRUPTED,
}

_FORMATS = {
    gateway_pb2.EXPORT_FORMAT_SRT: ExportFormat.SRT,
    gateway_pb2.EXPORT_FORMAT_VTT: ExportFormat.VTT,
    gateway_pb2.EXPORT_FORMAT_JSON: ExportFormat.JSON,
    gateway_pb2.EXPORT_FORMAT_TXT: ExportFormat.TXT,
}

GetContext = grpc.aio.ServicerContext[gateway_pb2.GetSessionRequest, gateway_pb2.GetSessionResponse]
ListContext = grpc.aio.ServicerContext[gateway_pb2.ListSessionsRequest, gateway_pb2.ListSessionsResponse]
ExportContext = grpc.aio.ServicerContext[gateway_pb2.ExportSessionRequest, gateway_pb2.ExportSessionResponse]
DeleteContext = grpc.aio.ServicerContext[gateway_pb2.DeleteSessionRequest, gateway_pb2.DeleteSessionResponse]


class SessionService(gateway_pb2_grpc.SessionServiceServicer):
    """Answers `livetranslate.v1.SessionService`."""

    def __init__(self, store: PostgresStore) -> None:
        """Use what `__main__` has built."""
        self._store = store

    async def GetSession(
        self, request: gateway_pb2.GetSessionRequest, context: GetContext
    ) -> gateway_pb2.GetSessionResponse:
        """Get one session."""
        del context
        session = await self._store.get_session(request.session_id)
        return gateway_pb2.GetSessionResponse(session=_session_to_proto(session))

    async def ListSessions(
        self, request: gateway_pb2.ListSessionsRequest, context: ListContext
    ) -> gateway_pb2.ListSessionsResponse:
        """List sessions, newest first."""
        del context
        if request.page_size < 0:
            raise InvalidArgumentError("PAGE_SIZE_INVALID", "`page_size` is negative. Use 1 to 1000, or 0 for 50.")
        sessions, token = await self._store.list_sessions(request.page_size, request.page_token)
        return gateway_pb2.ListSessionsResponse(sessions=map(_session_to_proto, sessions), next_page_token=token)

    async def ExportSession(
        self, request: gateway_pb2.ExportSessionRequest, context: ExportContext
    ) -> gateway_pb2.ExportSessionResponse:
        """Render a file of what is stored of a session so far."""
        del context
        if request.format not in _FORMATS:
            raise InvalidArgumentError("FORMAT_MISSING", "`format` is not one of SRT, VTT, JSON and TXT.")
        session = await self._store.get_session(request.session_id)
        language = "" if request.language_code == session.source_language_code else request.language_code
        records = await self._store.read_records(request.session_id)
        # What is stored counts, too: a target's translations may be there though its addition could not be noted.
        there_is = {*session.target_language_codes, *(record.language_code for record in records)}
        if language and language not in there_is:
            languages = ", ".join(sorted(there_is | {session.source_language_code}))
            message = f"The session was not translated into {language!r}. Languages: {languages}."
            raise InvalidArgumentError("LANGUAGE_NOT_IN_SESSION", message, language=language)
        export_format = _FORMATS[request.format]
        content = await asyncio.to_thread(export, session, records, export_format, language)
        return gateway_pb2.ExportSessionResponse(content=content.encode(), media_type=MEDIA_TYPES[export_format])

    async def DeleteSession(
        self, request: gateway_pb2.DeleteSessionRequest, context: DeleteContext
    ) -> gateway_pb2.DeleteSessionResponse:
        """Delete a session that has ended, with everything stored of it."""
        del context
        await self._store.delete_session(request.session_id)
        return gateway_pb2.DeleteSessionResponse()


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
    return message


def _timestamp(time: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(time)
    return message
