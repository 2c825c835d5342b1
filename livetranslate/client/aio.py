"""The asyncio client."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Iterable
from types import TracebackType
from typing import Self, Unpack

import grpc

from livetranslate.client.channel import connect_async
from livetranslate.client.errors import TranslateError, translate_errors
from livetranslate.client.requests import Format, SessionOptions, export_request, session_config
from livetranslate.client.session import AsyncSession
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc


class AsyncClient:
    """A connection to a LiveTranslate server, for asyncio. Make it where an event loop runs."""

    def __init__(self, address: str, *, credentials: grpc.ChannelCredentials | None = None) -> None:
        """Connects when first used.

        Args:
            address: Where the gateway listens, e.g. "localhost:50051".
            credentials: For TLS, e.g. `grpc.ssl_channel_credentials()`; plaintext without.
        """
        self._channel = connect_async(address, credentials)
        self._speech = gateway_pb2_grpc.LiveTranslateServiceStub(self._channel)
        self._sessions = gateway_pb2_grpc.SessionServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Disconnects; what is still under way is cancelled."""
        await self._channel.close()

    async def translate(
        self, audio: AsyncIterable[bytes] | Iterable[bytes], **options: Unpack[SessionOptions]
    ) -> AsyncGenerator[gateway_pb2.SessionEvent, None]:
        """Streams audio and yields what happens, until the summary.

        Audio is read as fast as the server takes it; a plain iterable is read in a thread, for it may block. Leaving
        the loop cancels the session. An error of the audio cancels it, too, and is raised here.

        Raises:
            TranslateError: The server refused or ended the session, or cannot be reached.
        """
        async with self.open_session(**options) as session:
            feeding = asyncio.create_task(_feed(session, audio))
            try:
                async for event in session:
                    yield event
            except asyncio.CancelledError:
                _raise_failure_of(feeding)
                raise
            finally:
                feeding.cancel()
                await asyncio.wait([feeding])

    def open_session(self, **options: Unpack[SessionOptions]) -> AsyncSession:
        """Opens a session whose audio, targets and end are sent by hand."""
        return AsyncSession(self._speech.StreamingTranslateSpeech(), session_config(**options))

    async def watch(
        self, session_id: str, *, after_event_number: int = 0
    ) -> AsyncGenerator[gateway_pb2.SessionEvent, None]:
        """Follows a session: the finals after `after_event_number`, then live, until it ends."""
        request = gateway_pb2.WatchSessionRequest(session_id=session_id, after_event_number=after_event_number)
        call = self._speech.WatchSession(request)
        try:
            with translate_errors():
                async for response in call:
                    yield response.event
        finally:
            call.cancel()

    async def capabilities(self) -> gateway_pb2.GetCapabilitiesResponse:
        """Asks for the server's languages, voices, models and limits."""
        with translate_errors():
            return await self._speech.GetCapabilities(gateway_pb2.GetCapabilitiesRequest())

    async def get_session(self, session_id: str) -> gateway_pb2.Session:
        """Gets a stored session."""
        with translate_errors():
            return (await self._sessions.GetSession(gateway_pb2.GetSessionRequest(session_id=session_id))).session

    async def list_sessions(self) -> AsyncGenerator[gateway_pb2.Session, None]:
        """Yields all stored sessions, newest first, page by page."""
        request = gateway_pb2.ListSessionsRequest()
        while True:
            with translate_errors():
                page = await self._sessions.ListSessions(request)
            for session in page.sessions:
                yield session
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def export_session(self, session_id: str, export_format: Format, *, language: str = "") -> bytes:
        """Renders a session's transcript, or its translation into `language`, as a file."""
        with translate_errors():
            return (await self._sessions.ExportSession(export_request(session_id, export_format, language))).content

    async def delete_session(self, session_id: str) -> None:
        """Deletes a session that has ended."""
        with translate_errors():
            await self._sessions.DeleteSession(gateway_pb2.DeleteSessionRequest(session_id=session_id))


async def _feed(session: AsyncSession, audio: AsyncIterable[bytes] | Iterable[bytes]) -> None:
    """Sends all audio; a failure of the audio itself cancels the session."""
    try:
        async for chunk in _chunks(audio):
            if not await _accepted(session.send_audio(chunk)):
                return
        await _accepted(session.finish())
    except Exception:
        session.cancel()
        raise


async def _accepted(sending: Awaitable[None]) -> bool:
    """Whether the session takes more. One that has ended tells its reason to the one who reads the events."""
    try:
        await sending
    except (TranslateError, asyncio.InvalidStateError):
        return False
    return True


async def _chunks(audio: AsyncIterable[bytes] | Iterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(audio, AsyncIterable):
        async for chunk in audio:
            yield chunk
        return
    iterator = iter(audio)
    while (chunk_or_end := await asyncio.to_thread(next, iterator, None)) is not None:
        yield chunk_or_end


def _raise_failure_of(feeding: asyncio.Task[None]) -> None:
    if feeding.done() and not feeding.cancelled() and (failure := feeding.exception()) is not None:
        raise failure
