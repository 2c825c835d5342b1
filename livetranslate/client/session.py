"""One live session: audio and wishes go in at any time, events come out, however often the connection breaks."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from grpc import aio

from livetranslate.client.channel import Addresses
from livetranslate.client.errors import TranslateError
from livetranslate.client.recovery import Recovery
from livetranslate.client.replay import Replay
from livetranslate.client.requests import Targets, targets
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from livetranslate.v1.gateway_pb2 import StreamingTranslateSpeechRequest
from livetranslate.verdict import Verdict

_MAX_UNSENT_SECONDS: Final = 10.0
_MAX_UNSENT_LIVE_SECONDS: Final = 20.0  # a dead connection is noticed after 15 s: until then nobody is held up


class AsyncSession:
    """A session under way: send with the methods, receive with `async for`, both at the same time.

    When the connection breaks, the iteration gets another one, to the next address, and goes on where it was: what the
    server lacks is sent again, and nothing comes twice. Sending goes on meanwhile, into a buffer that is bounded by
    `replay_limit_bytes`. While the connection works, sending waits once 20 s of audio are unsent, so nothing piles up.

    Sending to a session that is over raises `asyncio.InvalidStateError`, or `TranslateError` where it failed. Leaving
    the `async with` block breaks off a session that is not over; it can be resumed until its window is over.
    """

    def __init__(self, addresses: Addresses[aio.Channel], replay: Replay, recovery: Recovery) -> None:
        """Made by `AsyncClient.open_session` and `AsyncClient.resume_session`."""
        self._addresses = addresses
        self._replay = replay
        self._recovery = recovery
        self._stream: _Stream | None = None
        self._failure: TranslateError | None = None
        self._is_over = False
        self._is_catching_up = False  # after a resume, while what was kept is sent again
        self._cancelled = asyncio.Event()
        self._news = asyncio.Event()  # for the task that writes
        self._has_room = asyncio.Event()
        self._may_send = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._open_stream(*self._addresses.shared(), is_shared=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cancel()
        await self._close_stream()

    async def __aiter__(self) -> AsyncIterator[gateway_pb2.SessionEvent]:
        """Yields what happens, until the summary.

        Finals that come again after a break are left out, by segment and language; their numbers may have changed.

        Raises:
            TranslateError: The server refused or ended the session, or it could not be resumed in time.
        """
        while (event := await self._next_event()) is not None:
            if self._replay.note_event(event):
                yield event

    @property
    def session_id(self) -> str:
        """The session's id; empty until `session_started` has come."""
        return self._replay.session_id

    @property
    def resume_token(self) -> str:
        """What it takes to resume the session from another program; empty until `session_started` has come."""
        return self._replay.resume_token

    @property
    def last_event_number(self) -> int:
        """The last event that was received and is stored: from where another program would resume."""
        return self._replay.last_event_number

    @property
    def lost_audio_seconds(self) -> float:
        """Audio that the server needed again and that had been forgotten; only where `replay_limit_bytes` was hit."""
        return self._replay.lost_audio_seconds

    async def send_audio(self, audio: bytes) -> None:
        """Sends audio that follows what was sent before."""
        self._check_open()
        self._replay.add_audio(audio)
        self._note_change()
        await self._may_send.wait()
        self._check_failure()

    async def drain(self) -> None:
        """Waits until less than 10 s of audio are unsent, also while there is no connection.

        For audio that can wait, as that of a file can. Live audio cannot: it is best sent without.
        """
        await self._has_room.wait()
        self._check_failure()

    async def set_targets(
        self, languages: Targets, *, speech: Iterable[str] = (), voices: Mapping[str, str] | None = None
    ) -> None:
        """Replaces the targets: named ones go on, new ones start with the segment being spoken, missing ones stop."""
        self._check_open()
        self._replay.add_targets(gateway_pb2.TargetsUpdate(targets=targets(languages, speech, voices)))
        self._note_change()

    async def flush(self) -> None:
        """Ends the current segment here, as a pause would."""
        self._check_open()
        self._replay.add_flush()
        self._note_change()

    async def finish(self) -> None:
        """Says that no more audio comes. What is under way becomes final, and the summary ends the session."""
        self._check_failure()
        self._replay.finish()
        self._note_change()

    def cancel(self) -> None:
        """Ends the session at once; what was final is stored."""
        self._cancelled.set()
        if self._stream is not None:
            self._stream.call.cancel()

    async def _next_event(self) -> gateway_pb2.SessionEvent | None:
        """The next event, over as many connections as it takes; None at the end."""
        while not self._is_over and self._stream is not None:
            try:
                event = await self._stream.read()
            except TranslateError as error:
                if not self._replay.is_over:
                    await self._reconnect(error)
                    continue
                event = None
            if event is not None:
                self._recovery.note_working(self._stream.address)
                self._note_change()
                return event
            self._end()
        return None

    async def _reconnect(self, error: TranslateError) -> None:
        address = await self._close_stream()
        try:
            delay_seconds = self._recovery.note_failure(
                self._replay.explained(error),
                address,
                is_open=self._replay.has_started,
                can_resume=self._replay.can_resume,
            )
        except TranslateError as failure:
            self._end(failure)
            raise
        self._addresses.move_on(address)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._cancelled.wait(), delay_seconds)
        if self._cancelled.is_set():
            self._end()
            raise asyncio.CancelledError
        self._recovery.note_attempt(self._addresses.current)
        self._open_stream(*self._addresses.fresh(), is_shared=False)

    def _open_stream(self, address: str, channel: aio.Channel, *, is_shared: bool) -> None:
        self._stream = _Stream(address, channel, is_shared=is_shared)
        opening = self._replay.restart()
        self._is_catching_up = True
        self._note_change()
        self._stream.writing = asyncio.create_task(self._write(self._stream, opening))

    async def _close_stream(self) -> str:
        """Gives up the stream and returns the address that it went to."""
        stream, self._stream = self._stream, None
        self._replay.pause()
        self._note_change()
        if stream is None:
            return ""
        await stream.close()
        return stream.address

    async def _write(self, stream: "_Stream", opening: StreamingTranslateSpeechRequest) -> None:
        """Sends what there is to send, as fast as it is taken, until the end or a break; the reader learns of that."""
        try:
            await stream.call.write(opening)
            while not self._replay.is_drained:
                self._news.clear()
                if (request := self._replay.next_request()) is None:
                    await self._news.wait()
                else:
                    await stream.call.write(request)
                    self._note_change()
            await stream.call.done_writing()
        except (aio.AioRpcError, asyncio.InvalidStateError):
            self._replay.pause()
            self._note_change()

    def _end(self, failure: TranslateError | None = None) -> None:
        self._is_over, self._failure = True, failure
        self._note_change()

    def _note_change(self) -> None:
        """Wakes whoever waits for what has changed."""
        unsent_seconds = self._replay.unsent_seconds
        is_live_room = unsent_seconds <= _MAX_UNSENT_LIVE_SECONDS
        self._is_catching_up = self._is_catching_up and not is_live_room
        may_pile_up = not self._replay.is_streaming or (self._is_catching_up and not self._replay.has_given_up)
        _set_if(self._may_send, self._is_over or is_live_room or may_pile_up)
        _set_if(self._has_room, self._is_over or unsent_seconds <= _MAX_UNSENT_SECONDS)
        self._news.set()

    def _check_open(self) -> None:
        self._check_failure()
        if self._is_over or self._replay.is_finished:
            raise asyncio.InvalidStateError("the session is over")

    def _check_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


class _Stream:
    """One connection's stream; a channel that is not shared is closed with it."""

    def __init__(self, address: str, channel: aio.Channel, *, is_shared: bool) -> None:
        self.address = address
        self._channel = None if is_shared else channel
        self.call = gateway_pb2_grpc.LiveTranslateServiceStub(channel).StreamingTranslateSpeech()
        self.writing: asyncio.Task[None] | None = None
        self._verdict = Verdict(self.call)  # before the first write
        self._responses = aiter(self.call)

    async def read(self) -> gateway_pb2.SessionEvent | None:
        """The next event; None at the end.

        Raises:
            TranslateError: The server ended the stream with an error, or the connection broke.
        """
        try:
            response = await anext(self._responses, None)
        except aio.AioRpcError as raised:
            if (error := await self._verdict.error(raised)) is not None:
                raise TranslateError.from_rpc(error) from raised
            return None
        return None if response is None else response.event

    async def close(self) -> None:
        self.call.cancel()
        if self.writing is not None:
            self.writing.cancel()
            await asyncio.wait([self.writing])
        if self._channel is not None:
            await self._channel.close()


def _set_if(event: asyncio.Event, condition: bool) -> None:
    if condition:
        event.set()
    else:
        event.clear()
