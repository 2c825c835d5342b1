"""A session without the SDK: the messages themselves, as any other client would send them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Self

import grpc

from livetranslate.client import TranslateError
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc, types_pb2
from livetranslate.verdict import Verdict
from livetranslate.wire import duration_of_samples
from tests.gateway.told import Told

Request = gateway_pb2.StreamingTranslateSpeechRequest

PCM = types_pb2.AudioFormat(encoding=types_pb2.AUDIO_ENCODING_PCM_S16LE, sample_rate_hertz=16_000)
CONTAINER = types_pb2.AudioFormat(encoding=types_pb2.AUDIO_ENCODING_CONTAINER)


class RawSession:
    """One stream, and what it has told."""

    def __init__(self, address: str, options: Sequence[tuple[str, int]] = ()) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=options)
        self._call = gateway_pb2_grpc.LiveTranslateServiceStub(self._channel).StreamingTranslateSpeech()
        self._verdict = Verdict(self._call)
        self._events = aiter(self._call)
        self.told = Told()

    @classmethod
    @asynccontextmanager
    async def opened(cls, address: str, first: Request, options: Sequence[tuple[str, int]] = ()) -> AsyncIterator[Self]:
        """A stream whose first answer has come."""
        session = cls(address, options)
        try:
            await session.send(first)
            await session.until(lambda told: bool(told.events))
            yield session
        finally:
            session._call.cancel()
            await session._channel.close()

    async def send(self, *requests: Request) -> None:
        """Send messages."""
        for request in requests:
            try:
                await self._call.write(request)
            except grpc.aio.AioRpcError as raised:
                raise await self._failure(raised) from raised

    async def send_audio(self, audio: bytes, size: int = 3_200) -> None:
        """Send audio in messages of 100 ms."""
        await self.send(*(Request(audio=audio[start : start + size]) for start in range(0, len(audio), size)))

    async def until(self, holds: Callable[[Told], bool]) -> Told:
        """Read on until something holds."""
        while not holds(self.told):
            try:
                self.told.events.append((await anext(self._events)).event)
            except grpc.aio.AioRpcError as raised:
                raise await self._failure(raised) from raised
        return self.told

    async def finish(self) -> Told:
        """Half-close and read to the summary."""
        await self._call.done_writing()
        return await self.until(lambda told: told.kinds[-1] == "summary")

    async def _failure(self, raised: grpc.aio.AioRpcError) -> TranslateError:
        return TranslateError.from_rpc(await self._verdict.error(raised) or raised)


def config(
    targets: tuple[str, ...] = ("es",),
    *,
    speech: bool = False,
    audio_format: types_pb2.AudioFormat = PCM,
    stores: bool = False,
) -> Request:
    """Opens a session."""
    wanted = [gateway_pb2.Target(language_code=language, speech=speech) for language in targets]
    return Request(
        config=gateway_pb2.SessionConfig(
            source_language_code="en",
            targets=wanted,
            audio_format=audio_format,
            store_audio=stores,
            store_speech=stores,
        )
    )


def resume(
    told: Told,
    *,
    token: str | None = None,
    audio_sample: int | None = None,
    audio_format: types_pb2.AudioFormat = PCM,
) -> Request:
    """Goes on with the session that has told this; without `audio_sample`, from where the server says."""
    request = gateway_pb2.ResumeRequest(
        session_id=told.session_id,
        resume_token=told.started.resume_token if token is None else token,
        last_event_number=max(told.numbers, default=0),
        audio_format=audio_format,
    )
    if audio_sample is not None:
        request.audio_offset.CopyFrom(duration_of_samples(audio_sample))
    return Request(resume=request)
