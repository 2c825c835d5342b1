"""Whether the models of a new session can be had: the services are asked before it begins.

A stream that is opened and half-closed at once is answered when the models that it needs are in memory, and holds them
for a moment, until the session's own stream comes. Without a keeper there is nothing to ask: all models are loaded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import grpc

from gateway import requests
from gateway.capabilities import Hops
from gateway.events import Position, Target
from gateway.options import SessionOptions
from livetranslate.errors import LiveTranslateError
from livetranslate.status import error_of_rpc

Prepare = Callable[[str, SessionOptions, Sequence[Target]], Awaitable[None]]
"""Has the models loaded for what is spoken and wanted of it; raises `LiveTranslateError` where one is refused."""

_PATIENCE_SECONDS: Final = 10  # then the session begins, and its streams wait for what is still being loaded
_REFUSALS: Final = frozenset({"MODEL_MEMORY_FULL", "MODEL_LOAD_FAILED", "MODEL_NOT_FOUND"})


async def prepare(hops: Hops, source: str, options: SessionOptions, targets: Sequence[Target]) -> None:
    """Have a session's models loaded; what else may be wrong shows when it runs.

    Raises:
        ResourceExhaustedError: There is no memory for a model.
        LiveTranslateError: A model cannot be loaded.
    """
    recognition = requests.asr_config(source, options, "", Position(), "")
    translation = requests.mt_config(source, options, targets, "")
    voices = [requests.tts_config(target, "", 0) for target in targets if target.speech]
    refusals = await asyncio.gather(
        _refusal("asr", hops.asr.StreamingRecognize(iter([recognition]))),
        _refusal("mt", hops.mt.StreamingTranslate(iter([translation]))),
        *(_refusal("tts", hops.tts.StreamingSynthesize(iter([voice]))) for voice in voices),
    )
    for refusal in refusals:
        if refusal is not None:
            raise refusal


async def need_nothing(source: str, options: SessionOptions, targets: Sequence[Target]) -> None:
    """All models are loaded."""


async def _refusal(name: str, call: Any) -> LiveTranslateError | None:
    """Why a stream's models cannot be had, if they cannot."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async for _ in call:
                continue
    except TimeoutError:
        return None
    except grpc.aio.AioRpcError as raised:
        error = error_of_rpc(raised, hop=name)
        return error if error.reason in _REFUSALS else None
    finally:
        call.cancel()
    return None
