"""The asyncio client."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar, Unpack

import grpc
from grpc import aio

from livetranslate.client.channel import Addresses, Options, connect_async
from livetranslate.client.errors import TranslateError, translate_errors
from livetranslate.client.reading import asynchronous
from livetranslate.client.recovery import PATIENCE_SECONDS, Recovery
from livetranslate.client.replay import REPLAY_LIMIT_BYTES, Replay
from livetranslate.client.requests import (
    ConnectionOptions,
    Format,
    ResumeOptions,
    SessionOptions,
    SubtitleOptions,
    WatchOptions,
    export_request,
    resume_request,
    session_config,
)
from livetranslate.client.session import AsyncSession
from livetranslate.client.watching import watch_async
from livetranslate.v1 import gateway_pb2
from livetranslate.v1.gateway_pb2_grpc import LiveTranslateServiceStub, SessionServiceStub

_T = TypeVar("_T")


class AsyncClient:
    """A connection to a LiveTranslate server, for asyncio. Make it where an event loop runs."""

    def __init__(
        self,
        address: str | Iterable[str],
        *,
        credentials: grpc.ChannelCredentials | None = None,
        channel_options: Options = (),
    ) -> None:
        """Connects when first used.

        Args:
            address: Where the gateway listens, e.g. "localhost:50051"; several replicas with commas between them or as
                a sequence. After a failure it is the next one's turn.
            credentials: For TLS, e.g. `grpc.ssl_channel_credentials()`; plaintext without.
            channel_options: More of gRPC's channel arguments, e.g. [("grpc.use_local_subchannel_pool", 1)].
        """
        self._addresses = Addresses(address, connect_async(credentials, channel_options))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Disconnects; what is still under way is cancelled."""
        for channel in self._addresses.channels:
            await channel.close()

    async def translate(
        self, audio: AsyncIterable[bytes] | Iterable[bytes], **options: Unpack[SessionOptions]
    ) -> AsyncGenerator[gateway_pb2.SessionEvent, None]:
        """Streams audio and yields what happens, until the summary.

        Audio is read as fast as the server takes it; a plain iterable is read in a thread, for it may block. A broken
        connection is replaced, and the session goes on, see `SessionOptions`. Leaving the loop breaks the session off;
        it can be resumed for a while. So does an error of the audio, which is raised here.

        Raises:
            TranslateError: The server refused or ended the session, or cannot be reached.
        """
        async with self.open_session(**options) as session:
            feeding = asyncio.create_task(_feed(session, asynchronous(audio)))
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
        return self._session(session_config(**options), options)

    def resume_session(self, session_id: str, resume_token: str, **options: Unpack[ResumeOptions]) -> AsyncSession:
        """Goes on with a session that another program has begun, or this one before it was restarted.

        The first event is `session_started`; its `resume_offset` says from where audio is to be sent, unless
        `audio_offset` says from where it will be.
        """
        return self._session(resume_request(session_id, resume_token, **options), options)

    def watch(
        self, session_id: str, *, after_event_number: int = 0, **options: Unpack[WatchOptions]
    ) -> AsyncGenerator[gateway_pb2.SessionEvent, None]:
        """Follows a session: the finals after `after_event_number`, then live, until it ends.

        A broken connection is replaced, and what was missed meanwhile comes first.
        """
        request = gateway_pb2.WatchSessionRequest(session_id=session_id, after_event_number=after_event_number)
        return watch_async(self._addresses, request, **options)

    async def capabilities(self) -> gateway_pb2.GetCapabilitiesResponse:
        """Asks for the server's languages, voices, models and limits."""
        request = gateway_pb2.GetCapabilitiesRequest()
        return await self._ask(lambda channel: LiveTranslateServiceStub(channel).GetCapabilities(request))

    async def get_session(self, session_id: str) -> gateway_pb2.Session:
        """Gets a stored session."""
        request = gateway_pb2.GetSessionRequest(session_id=session_id)
        return (await self._ask(lambda channel: SessionServiceStub(channel).GetSession(request))).session

    async def list_sessions(self) -> AsyncGenerator[gateway_pb2.Session, None]:
        """Yields all stored sessions, newest first, page by page."""
        request = gateway_pb2.ListSessionsRequest()
        while True:
            page = await self._ask(lambda channel: SessionServiceStub(channel).ListSessions(request))
            for session in page.sessions:
                yield session
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def export_session(
        self, session_id: str, export_format: Format, *, language: str = "", **subtitles: Unpack[SubtitleOptions]
    ) -> bytes:
        """Renders a session's transcript, or its translation into `language`, as a file."""
        request = export_request(session_id, export_format, language, **subtitles)
        return (await self._ask(lambda channel: SessionServiceStub(channel).ExportSession(request))).content

    async def read_audio(
        self, session_id: str, language: str = ""
    ) -> AsyncGenerator[gateway_pb2.ReadSessionAudioResponse, None]:
        """Yields a session's stored audio, or its stored speech in `language`, piece by piece: mono s16le samples."""
        request = gateway_pb2.ReadSessionAudioRequest(session_id=session_id, language_code=language)
        _, channel = self._addresses.shared()
        call = SessionServiceStub(channel).ReadSessionAudio(request)
        try:
            with translate_errors():
                async for piece in call:
                    yield piece
        finally:
            call.cancel()

    async def delete_session(self, session_id: str) -> None:
        """Deletes a session that is not active, with everything stored of it."""
        request = gateway_pb2.DeleteSessionRequest(session_id=session_id)
        await self._ask(lambda channel: SessionServiceStub(channel).DeleteSession(request))

    def _session(
        self, opening: gateway_pb2.StreamingTranslateSpeechRequest, options: ConnectionOptions
    ) -> AsyncSession:
        patience_seconds = options.get("reconnect_seconds", PATIENCE_SECONDS)
        limit_bytes = options.get("replay_limit_bytes", REPLAY_LIMIT_BYTES)
        replay = Replay(opening, limit_bytes, can_resume=patience_seconds > 0)
        recovery = Recovery(
            len(self._addresses),
            patience_seconds,
            options.get("on_connection"),
            admission_seconds=options.get("admission_seconds", 0.0),
        )
        return AsyncSession(self._addresses, replay, recovery)

    async def _ask(self, call: Callable[[aio.Channel], Awaitable[_T]]) -> _T:
        """Makes a small request, of the next address where one cannot be reached."""
        for attempts_left in reversed(range(len(self._addresses))):
            address, channel = self._addresses.shared()
            try:
                with translate_errors():
                    return await call(channel)
            except TranslateError as error:
                if error.code is not grpc.StatusCode.UNAVAILABLE or not attempts_left:
                    raise
                self._addresses.move_on(address)
        raise AssertionError("there is an address")


async def _feed(session: AsyncSession, audio: AsyncIterable[bytes]) -> None:
    """Sends all audio; a failure of the audio itself cancels the session."""
    try:
        async for chunk in audio:
            if not await _accepted(session.send_audio(chunk)) or not await _accepted(session.drain()):
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


def _raise_failure_of(feeding: asyncio.Task[None]) -> None:
    if feeding.done() and not feeding.cancelled() and (failure := feeding.exception()) is not None:
        raise failure
