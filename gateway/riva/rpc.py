"""What the methods of Riva's services share: answers that a client has to read, and calls to our own services."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import grpc

from gateway.capabilities import Hops
from gateway.service import ANSWERS_WAITING
from livetranslate.answers import answers_of
from livetranslate.errors import DeadlineExceededError
from livetranslate.status import error_of_rpc
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2

Response = TypeVar("Response")

Context = grpc.aio.ServicerContext[Any, Any]
SendAny = Callable[[Any], Awaitable[None]]
"""Sends one of Riva's responses."""

_LISTING_SECONDS = 5  # models are known by heart: a service that takes longer is away


def answers(work: Callable[[SendAny], Coroutine[None, None, None]], stall_seconds: float) -> AsyncGenerator[Any, None]:
    """What `work` sends, to be yielded to the client.

    Raises:
        DeadlineExceededError: The client has left an answer unread for so long.
    """

    async def work_in_time(send: SendAny) -> None:
        async def send_in_time(response: Any) -> None:
            try:
                async with asyncio.timeout(stall_seconds):
                    await send(response)
            except TimeoutError:
                message = f"Nothing was read for {stall_seconds:g} s. Read the responses while you send."
                raise DeadlineExceededError("CLIENT_STALLED", message) from None

        await work(send_in_time)

    return answers_of(work_in_time, size=ANSWERS_WAITING)


async def answered(call: Awaitable[Response], *, hop: str) -> Response:
    """The answer of a call.

    Raises:
        LiveTranslateError: What the service says, or that it is away.
    """
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise error_of_rpc(error, hop=hop) from None


async def list_recognizers(hops: Hops) -> Sequence[asr_pb2.Recognizer]:
    """Those that can be used; raises as `answered`."""
    call = hops.asr.ListRecognizers(asr_pb2.ListRecognizersRequest(), timeout=_LISTING_SECONDS)
    return (await answered(call, hop="asr")).recognizers


async def list_translators(hops: Hops) -> Sequence[mt_pb2.Translator]:
    """The same."""
    call = hops.mt.ListTranslators(mt_pb2.ListTranslatorsRequest(), timeout=_LISTING_SECONDS)
    return (await answered(call, hop="mt")).translators


async def list_voices(hops: Hops) -> Sequence[tts_pb2.Voice]:
    """The same."""
    call = hops.tts.ListVoices(tts_pb2.ListVoicesRequest(), timeout=_LISTING_SECONDS)
    return (await answered(call, hop="tts")).voices
