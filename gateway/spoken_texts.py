"""One stream to tts on behalf of a client of another protocol: texts out, their speech back."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc

from livetranslate.errors import UnavailableError
from livetranslate.status import error_of_rpc
from livetranslate.v1 import tts_pb2
from livetranslate.verdict import Verdict

Asked = TypeVar("Asked")

_SEGMENT = "text"  # all texts of a call are clauses of one


@dataclass(frozen=True, slots=True)
class Text(Generic[Asked]):
    """What to speak, and the request that its speech belongs to."""

    text: str
    request: Asked
    speaking_rate: float = 1.0


Receive = Callable[[tts_pb2.SpeechAudio, Asked], Awaitable[None]]
"""Gets speech and the request that it belongs to."""


async def speak(
    tts: Any,
    config: tts_pb2.SynthesisConfig,
    texts: AsyncIterator[Text[Asked]],
    receive: Receive[Asked],
    *,
    timeout_seconds: float | None,
) -> None:
    """Speak texts one after the other, each as soon as it has come.

    Args:
        tts: The service's stub.
        config: How to speak them.
        texts: What to speak; an error that they raise ends the call.
        receive: Gets the speech, in the order of the texts.
        timeout_seconds: How long all of it may take.

    Raises:
        LiveTranslateError: A text cannot be spoken, or tts is away.
    """
    call = tts.StreamingSynthesize(timeout=timeout_seconds)
    verdict = Verdict(call)
    unspoken: deque[Asked] = deque()  # as many as tts takes before it has spoken the first
    try:
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(_write(call, config, texts, unspoken))
            await _read(call, verdict, receive, unspoken)
            writing.cancel()
    finally:
        call.cancel()


async def _write(
    call: Any, config: tts_pb2.SynthesisConfig, texts: AsyncIterator[Text[Asked]], unspoken: deque[Asked]
) -> None:
    try:
        await call.write(tts_pb2.StreamingSynthesizeRequest(config=config))
        async for text in texts:
            spoken = tts_pb2.SynthesisInput(segment_id=_SEGMENT, text=text.text, speaking_rate=text.speaking_rate)
            unspoken.append(text.request)
            await call.write(tts_pb2.StreamingSynthesizeRequest(input=spoken))
        await call.done_writing()
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        return  # the call is over: whoever reads it learns why


async def _read(call: Any, verdict: Verdict, receive: Receive[Asked], unspoken: deque[Asked]) -> None:
    try:
        async for response in call:
            if response.WhichOneof("streaming_response") == "notice":
                raise UnavailableError("SYNTHESIS_FAILED", f"{response.notice.message} Try again.")
            await receive(response.audio, unspoken[0])
            if response.audio.is_last:
                unspoken.popleft()
    except grpc.aio.AioRpcError as raised:
        failure = await verdict.error(raised)
        if failure is not None:
            raise error_of_rpc(failure, hop="tts") from None
