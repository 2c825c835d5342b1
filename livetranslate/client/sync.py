"""The client for programs without asyncio."""

from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar, Unpack

import grpc

from livetranslate.client import watching
from livetranslate.client.channel import Addresses, Options, connect
from livetranslate.client.errors import TranslateError, translate_errors
from livetranslate.client.recovery import PATIENCE_SECONDS, Recovery
from livetranslate.client.replay import REPLAY_LIMIT_BYTES, Replay
from livetranslate.client.requests import (
    Format,
    SessionOptions,
    SubtitleOptions,
    WatchOptions,
    export_request,
    session_config,
)
from livetranslate.client.threads import ThreadedSession
from livetranslate.v1 import gateway_pb2
from livetranslate.v1.gateway_pb2_grpc import LiveTranslateServiceStub, SessionServiceStub

_T = TypeVar("_T")


class Client:
    """A connection to a LiveTranslate server. Its methods may be called from any thread."""

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
        self._addresses = Addresses(address, connect(credentials, channel_options))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnects; what is still under way is cancelled."""
        for channel in self._addresses.channels:
            channel.close()

    def translate(
        self, audio: Iterable[bytes], **options: Unpack[SessionOptions]
    ) -> Generator[gateway_pb2.SessionEvent, None, None]:
        """Streams audio and yields what happens, until the summary.

        Audio is read in a thread, as fast as the server takes it. A broken connection is replaced, and the session goes
        on, see `SessionOptions`. Leaving the loop breaks the session off; it can be resumed for a while. So does an
        error of the audio, which is raised here.

        Raises:
            TranslateError: The server refused or ended the session, or cannot be reached.
        """
        patience_seconds = options.get("reconnect_seconds", PATIENCE_SECONDS)
        limit_bytes = options.get("replay_limit_bytes", REPLAY_LIMIT_BYTES)
        replay = Replay(session_config(**options), limit_bytes, can_resume=patience_seconds > 0)
        recovery = Recovery(
            len(self._addresses),
            patience_seconds,
            options.get("on_connection"),
            admission_seconds=options.get("admission_seconds", 0.0),
        )
        return ThreadedSession(self._addresses, replay, recovery, audio).events()

    def watch(
        self, session_id: str, *, after_event_number: int = 0, **options: Unpack[WatchOptions]
    ) -> Generator[gateway_pb2.SessionEvent, None, None]:
        """Follows a session: the finals after `after_event_number`, then live, until it ends.

        A broken connection is replaced, and what was missed meanwhile comes first.
        """
        request = gateway_pb2.WatchSessionRequest(session_id=session_id, after_event_number=after_event_number)
        return watching.watch(self._addresses, request, **options)

    def capabilities(self) -> gateway_pb2.GetCapabilitiesResponse:
        """Asks for the server's languages, voices, models and limits."""
        request = gateway_pb2.GetCapabilitiesRequest()
        return self._ask(lambda channel: LiveTranslateServiceStub(channel).GetCapabilities(request))

    def get_session(self, session_id: str) -> gateway_pb2.Session:
        """Gets a stored session."""
        request = gateway_pb2.GetSessionRequest(session_id=session_id)
        return self._ask(lambda channel: SessionServiceStub(channel).GetSession(request)).session

    def list_sessions(self) -> Iterator[gateway_pb2.Session]:
        """Yields all stored sessions, newest first, page by page."""
        request = gateway_pb2.ListSessionsRequest()
        while True:
            page = self._ask(lambda channel: SessionServiceStub(channel).ListSessions(request))
            yield from page.sessions
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def export_session(
        self, session_id: str, export_format: Format, *, language: str = "", **subtitles: Unpack[SubtitleOptions]
    ) -> bytes:
        """Renders a session's transcript, or its translation into `language`, as a file."""
        request = export_request(session_id, export_format, language, **subtitles)
        return self._ask(lambda channel: SessionServiceStub(channel).ExportSession(request)).content

    def read_audio(
        self, session_id: str, language: str = ""
    ) -> Generator[gateway_pb2.ReadSessionAudioResponse, None, None]:
        """Yields a session's stored audio, or its stored speech in `language`, piece by piece: mono s16le samples."""
        request = gateway_pb2.ReadSessionAudioRequest(session_id=session_id, language_code=language)
        _, channel = self._addresses.shared()
        call = SessionServiceStub(channel).ReadSessionAudio(request)
        try:
            with translate_errors():
                yield from call
        finally:
            call.cancel()

    def delete_session(self, session_id: str) -> None:
        """Deletes a session that is not active, with everything stored of it."""
        request = gateway_pb2.DeleteSessionRequest(session_id=session_id)
        self._ask(lambda channel: SessionServiceStub(channel).DeleteSession(request))

    def _ask(self, call: Callable[[grpc.Channel], _T]) -> _T:
        """Makes a small request, of the next address where one cannot be reached."""
        for attempts_left in reversed(range(len(self._addresses))):
            address, channel = self._addresses.shared()
            try:
                with translate_errors():
                    return call(channel)
            except TranslateError as error:
                if error.code is not grpc.StatusCode.UNAVAILABLE or not attempts_left:
                    raise
                self._addresses.move_on(address)
        raise AssertionError("there is an address")
