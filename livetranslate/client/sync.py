"""The client for programs without asyncio."""

from collections.abc import Generator, Iterable, Iterator
from threading import Event
from types import TracebackType
from typing import Self, Unpack

import grpc

from livetranslate.client.channel import connect
from livetranslate.client.errors import TranslateError, translate_errors
from livetranslate.client.requests import Format, SessionOptions, audio_requests, export_request, session_config
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc


class Client:
    """A connection to a LiveTranslate server. Its methods may be called from any thread."""

    def __init__(self, address: str, *, credentials: grpc.ChannelCredentials | None = None) -> None:
        """Connects when first used.

        Args:
            address: Where the gateway listens, e.g. "localhost:50051".
            credentials: For TLS, e.g. `grpc.ssl_channel_credentials()`; plaintext without.
        """
        self._channel = connect(address, credentials)
        self._speech = gateway_pb2_grpc.LiveTranslateServiceStub(self._channel)
        self._sessions = gateway_pb2_grpc.SessionServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnects; what is still under way is cancelled."""
        self._channel.close()

    def translate(
        self, audio: Iterable[bytes], **options: Unpack[SessionOptions]
    ) -> Generator[gateway_pb2.SessionEvent, None, None]:
        """Streams audio and yields what happens, until the summary.

        Audio is read in a thread, as fast as the server takes it. Leaving the loop cancels the session. An error of the
        audio cancels it, too, and is raised here.

        Raises:
            TranslateError: The server refused or ended the session, or cannot be reached.
        """
        requests = _Requests(audio, session_config(**options))
        call = self._speech.StreamingTranslateSpeech(iter(requests))
        requests.cancel_on_failure(call)
        try:
            with translate_errors():
                for response in call:
                    yield response.event
        except TranslateError:
            if requests.failure is not None:
                raise requests.failure from None
            raise
        finally:
            call.cancel()

    def watch(self, session_id: str, *, after_event_number: int = 0) -> Generator[gateway_pb2.SessionEvent, None, None]:
        """Follows a session: the finals after `after_event_number`, then live, until it ends."""
        request = gateway_pb2.WatchSessionRequest(session_id=session_id, after_event_number=after_event_number)
        call = self._speech.WatchSession(request)
        try:
            with translate_errors():
                for response in call:
                    yield response.event
        finally:
            call.cancel()

    def capabilities(self) -> gateway_pb2.GetCapabilitiesResponse:
        """Asks for the server's languages, voices, models and limits."""
        with translate_errors():
            return self._speech.GetCapabilities(gateway_pb2.GetCapabilitiesRequest())

    def get_session(self, session_id: str) -> gateway_pb2.Session:
        """Gets a stored session."""
        with translate_errors():
            return self._sessions.GetSession(gateway_pb2.GetSessionRequest(session_id=session_id)).session

    def list_sessions(self) -> Iterator[gateway_pb2.Session]:
        """Yields all stored sessions, newest first, page by page."""
        request = gateway_pb2.ListSessionsRequest()
        while True:
            with translate_errors():
                page = self._sessions.ListSessions(request)
            yield from page.sessions
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def export_session(self, session_id: str, export_format: Format, *, language: str = "") -> bytes:
        """Renders a session's transcript, or its translation into `language`, as a file."""
        with translate_errors():
            return self._sessions.ExportSession(export_request(session_id, export_format, language)).content

    def delete_session(self, session_id: str) -> None:
        """Deletes a session that has ended."""
        with translate_errors():
            self._sessions.DeleteSession(gateway_pb2.DeleteSessionRequest(session_id=session_id))


class _Requests:
    """A session's requests, as the thread that sends them draws them; keeps the audio's error for the reader."""

    def __init__(self, audio: Iterable[bytes], config: gateway_pb2.StreamingTranslateSpeechRequest) -> None:
        self._audio = audio
        self._config = config
        self._call: grpc.RpcContext | None = None
        self._opened = Event()
        self.failure: Exception | None = None

    def cancel_on_failure(self, call: grpc.RpcContext) -> None:
        self._call = call
        self._opened.set()

    def __iter__(self) -> Iterator[gateway_pb2.StreamingTranslateSpeechRequest]:
        yield self._config
        try:
            for chunk in self._audio:
                yield from audio_requests(chunk)
        except Exception as error:  # noqa: BLE001, the audio's errors are anyone's; the reader raises them
            self.failure = error
            self._opened.wait()
            if self._call is not None:
                self._call.cancel()
