"""Calls to our own services on behalf of clients of other protocols: what there is, and how a failure is told."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

import grpc

from gateway.capabilities import Hops
from livetranslate.status import error_of_rpc
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2

Response = TypeVar("Response")

_LISTING_SECONDS = 5  # models are known by heart: a service that takes longer is away


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
