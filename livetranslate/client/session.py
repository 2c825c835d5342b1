"""One live session: audio and wishes go in at any time, events come out."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Self

from grpc import aio

from livetranslate.client.errors import TranslateError
from livetranslate.client.requests import audio_requests, targets
from livetranslate.v1 import gateway_pb2
from livetranslate.v1.gateway_pb2 import StreamingTranslateSpeechRequest, StreamingTranslateSpeechResponse
from livetranslate.verdict import Verdict

Call = aio.StreamStreamCall[StreamingTranslateSpeechRequest, StreamingTranslateSpeechResponse]


class AsyncSession:
    """A session under way: send with the methods, receive with `async for`, both at the same time.

    Sending waits while the server is not taking more, so nothing piles up here. Sending to a session that is over
    raises `asyncio.InvalidStateError`, or `TranslateError` where it failed. Leaving the `async with` block cancels a
    session that is not over yet.
    """

    def __init__(self, call: Call, config: StreamingTranslateSpeechRequest) -> None:
        self._call = call
        self._unsent = [config]
        self._verdict = Verdict(call)
        self._writing = asyncio.Lock()  # gRPC takes one message at a time

    async def __aenter__(self) -> Self:
        await self._send()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cancel()

    async def __aiter__(self) -> AsyncIterator[gateway_pb2.SessionEvent]:
        """Yields what happens, until the summary; raises `TranslateError` when the session fails."""
        await self._send()
        try:
            async for response in self._call:
                yield response.event
        except aio.AioRpcError as raised:
            if (error := await self._verdict.error(raised)) is not None:
                raise TranslateError.from_rpc(error) from raised

    async def send_audio(self, audio: bytes) -> None:
        """Sends audio that follows what was sent before."""
        await self._send(*audio_requests(audio))

    async def set_targets(
        self, languages: Iterable[str], *, speech: Iterable[str] = (), voices: Mapping[str, str] | None = None
    ) -> None:
        """Replaces the targets: named ones go on, new ones start with the next segment, missing ones stop."""
        update = gateway_pb2.TargetsUpdate(targets=targets(languages, speech, voices))
        await self._send(StreamingTranslateSpeechRequest(targets=update))

    async def flush(self) -> None:
        """Ends the current segment here, as a pause would."""
        await self._send(StreamingTranslateSpeechRequest(flush=gateway_pb2.FlushRequest()))

    async def finish(self) -> None:
        """Says that no more audio comes. What is under way becomes final, and the summary ends the session."""
        await self._send()
        async with self._writing:
            await self._call.done_writing()

    def cancel(self) -> None:
        """Ends the session at once; what was final is stored."""
        self._call.cancel()

    async def _send(self, *requests: StreamingTranslateSpeechRequest) -> None:
        async with self._writing:
            self._unsent += requests
            try:
                while self._unsent:
                    await self._call.write(self._unsent.pop(0))
            except aio.AioRpcError as raised:
                if (error := await self._verdict.error(raised)) is None:
                    raise asyncio.InvalidStateError("the session is over") from raised
                raise TranslateError.from_rpc(error) from raised
