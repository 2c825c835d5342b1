"""Texts of a Riva client to mt and back: at once, or where phrases are to be kept as streams, which take a glossary."""

import asyncio
from typing import Any

import grpc

from gateway.listings import answered
from gateway.riva.phrases import session_terms
from livetranslate.errors import InvalidArgumentError, UnavailableError
from livetranslate.glossary_message import glossary_from_proto
from livetranslate.status import error_of_rpc
from livetranslate.v1 import mt_pb2, types_pb2

MAX_TEXTS = 100  # as many as mt takes at once

_STREAMS = 8  # of one request at a time: two full batches of a small model


async def translate_texts(mt: Any, request: Any, *, timeout_seconds: float | None) -> list[str]:
    """The translations of a `TranslateTextRequest`, in its order.

    Raises:
        LiveTranslateError: What mt says, or that it is away.
    """
    terms = session_terms(request.dnt_phrases, request.target_language, ())
    if not terms:
        ours = mt_pb2.TranslateTextRequest(
            texts=request.texts,
            source_language_code=request.source_language,
            target_language_code=request.target_language,
        )
        response = await answered(mt.TranslateText(ours, timeout=timeout_seconds), hop="mt")
        return list(response.translations)
    return await _with_glossary(mt, request, types_pb2.Glossary(terms=terms), timeout_seconds)


async def _with_glossary(
    mt: Any, request: Any, glossary: types_pb2.Glossary, timeout_seconds: float | None
) -> list[str]:
    if len(request.texts) > MAX_TEXTS:
        message = f"{len(request.texts)} texts were sent; at most {MAX_TEXTS} are allowed in one call."
        raise InvalidArgumentError("TOO_MANY_TEXTS", message, limit=str(MAX_TEXTS))
    glossary_from_proto(glossary)
    config = mt_pb2.TranslationConfig(
        source_language_code=request.source_language,
        targets=[
            mt_pb2.TranslationTarget(language_code=request.target_language, policy=mt_pb2.TRANSLATION_POLICY_SEGMENTS)
        ],
        glossary=glossary,
    )
    room = asyncio.Semaphore(_STREAMS)

    async def translate(text: str) -> str:
        async with room:
            return await _translate(mt, config, text, timeout_seconds)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(translate(text)) for text in request.texts]
    return [task.result() for task in running]


async def _translate(mt: Any, config: mt_pb2.TranslationConfig, text: str, timeout_seconds: float | None) -> str:
    """One text as a session of one segment: so it is translated on its own."""
    if not text.strip():
        return ""
    segment = mt_pb2.SourceSegment(segment_id="text", revision=1, committed_text=text, is_final=True)
    requests = (mt_pb2.StreamingTranslateRequest(config=config), mt_pb2.StreamingTranslateRequest(segment=segment))
    call = mt.StreamingTranslate(iter(requests), timeout=timeout_seconds)
    try:
        async for response in call:
            if response.HasField("notice"):
                raise UnavailableError("TRANSLATION_FAILED", f"{response.notice.message} Try again.")
            if response.revision.is_final:
                return str(response.revision.committed_text)
    except grpc.aio.AioRpcError as error:
        raise error_of_rpc(error, hop="mt") from None
    finally:
        call.cancel()
    raise UnavailableError("TRANSLATION_FAILED", "mt gave no translation. Try again.")
