"""One live session without asyncio: the caller's thread reads, one of gRPC writes, one of its own reads the audio."""

from collections.abc import Generator, Iterable, Iterator
from threading import Condition, Thread
from typing import Final

import grpc

from livetranslate.client.channel import Addresses
from livetranslate.client.errors import TranslateError, translate_errors
from livetranslate.client.recovery import Recovery
from livetranslate.client.replay import Replay
from livetranslate.v1.gateway_pb2 import SessionEvent, StreamingTranslateSpeechRequest
from livetranslate.v1.gateway_pb2_grpc import LiveTranslateServiceStub

_MAX_UNSENT_SECONDS: Final = 10.0


class ThreadedSession:
    """A session whose audio is an iterable; what is shared between the threads is used under one lock."""

    def __init__(
        self, addresses: Addresses[grpc.Channel], replay: Replay, recovery: Recovery, audio: Iterable[bytes]
    ) -> None:
        self._addresses = addresses
        self._replay = replay
        self._recovery = recovery
        self._audio = audio
        self._changed = Condition()
        self._stream: _Stream | None = None
        self._stream_count = 0
        self._audio_error: Exception | None = None
        self._is_closed = False

    def events(self) -> Generator[SessionEvent, None, None]:
        """Yields what happens, until the summary; leaving it cancels a session that is not over."""
        self._open_stream(*self._addresses.shared(), is_shared=True)
        Thread(target=self._feed, daemon=True, name="audio-source").start()
        try:
            while (event := self._next_event()) is not None:
                yield event
        finally:
            with self._changed:
                self._is_closed = True
            self._close_stream()

    def _next_event(self) -> SessionEvent | None:
        """The next event for the caller, over as many connections as it takes; None at the end."""
        while (stream := self._stream) is not None:
            try:
                event = stream.read()
            except TranslateError as error:
                self._reconnect(error)
                continue
            if event is None:
                break
            self._recovery.note_working(stream.address)
            with self._changed:
                is_new = self._replay.note_event(event)
                self._changed.notify_all()
            if is_new:
                return event
        return None

    def _reconnect(self, error: TranslateError) -> None:
        address = self._close_stream()
        if self._audio_error is not None:
            raise self._audio_error from None
        if self._replay.is_over:
            return
        delay_seconds = self._recovery.note_failure(
            self._replay.explained(error),
            address,
            is_open=self._replay.has_started,
            can_resume=self._replay.can_resume,
        )
        self._addresses.move_on(address)
        with self._changed:
            self._changed.wait_for(lambda: self._audio_error is not None, delay_seconds)
        self._recovery.note_attempt(self._addresses.current)
        self._open_stream(*self._addresses.fresh(), is_shared=False)

    def _open_stream(self, address: str, channel: grpc.Channel, *, is_shared: bool) -> None:
        with self._changed:
            self._stream_count += 1
            requests = self._requests(self._stream_count, self._replay.restart())
            self._stream = _Stream(address, channel, requests, is_shared=is_shared)
            if self._audio_error is not None:
                self._stream.call.cancel()

    def _close_stream(self) -> str:
        """Gives up the stream and returns the address that it went to."""
        with self._changed:
            stream, self._stream = self._stream, None
            self._replay.pause()
            self._changed.notify_all()
        if stream is None:
            return ""
        stream.close()
        return stream.address

    def _requests(
        self, stream_number: int, opening: StreamingTranslateSpeechRequest
    ) -> Iterator[StreamingTranslateSpeechRequest]:
        """What gRPC's thread sends on a stream: as fast as it is taken, until the end or a break."""
        yield opening
        while (request := self._next_request(stream_number)) is not None:
            yield request

    def _next_request(self, stream_number: int) -> StreamingTranslateSpeechRequest | None:
        with self._changed:
            while self._replay.is_streaming and self._stream_count == stream_number and not self._replay.is_drained:
                if (request := self._replay.next_request()) is not None:
                    self._changed.notify_all()
                    return request
                self._changed.wait()
        return None

    def _feed(self) -> None:
        """Takes all audio; its failure ends the session and is raised to the one who reads the events."""
        try:
            for chunk in self._audio:
                if not self._take(chunk):
                    return
            with self._changed:
                self._replay.finish()
                self._changed.notify_all()
        except Exception as error:  # noqa: BLE001, the audio's errors are anyone's
            with self._changed:
                self._audio_error = error
                self._changed.notify_all()
                if self._stream is not None:
                    self._stream.call.cancel()

    def _take(self, chunk: bytes) -> bool:
        """Keeps a chunk, and waits until another one is wanted; returns whether it is."""
        with self._changed:
            self._replay.add_audio(chunk)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_closed or self._replay.unsent_seconds <= _MAX_UNSENT_SECONDS)
            return not self._is_closed


class _Stream:
    """One connection's stream; a channel that is not shared is closed with it."""

    def __init__(
        self,
        address: str,
        channel: grpc.Channel,
        requests: Iterator[StreamingTranslateSpeechRequest],
        *,
        is_shared: bool,
    ) -> None:
        self.address = address
        self.call = LiveTranslateServiceStub(channel).StreamingTranslateSpeech(requests)
        self._channel = None if is_shared else channel

    def read(self) -> SessionEvent | None:
        """The next event; None at the end.

        Raises:
            TranslateError: The server ended the stream with an error, or the connection broke.
        """
        with translate_errors():
            response = next(self.call, None)
        return None if response is None else response.event

    def close(self) -> None:
        self.call.cancel()
        if self._channel is not None:
            self._channel.close()
