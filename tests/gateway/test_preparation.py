"""What a session's models say before it begins, over gRPC."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from gateway import preparation
from gateway.capabilities import Hops
from gateway.events import Target
from gateway.options import SessionOptions
from gateway.preparation import prepare
from livetranslate.errors import InternalError, LiveTranslateError, ResourceExhaustedError, UnavailableError
from livetranslate.status import status_code, trailing_metadata
from livetranslate.v1 import asr_pb2, asr_pb2_grpc, mt_pb2, mt_pb2_grpc, tts_pb2, tts_pb2_grpc
from tests.gateway.stages.serving import served

TARGETS = [Target("es", speech=True), Target("ca")]


class Service:
    """One of the services: a stream ends when its client has half-closed, or as it is told to."""

    def __init__(self, asked: list[Any]) -> None:
        self.asked = asked
        self.error: LiveTranslateError | None = None
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.answers: list[Any] = []

    async def serve(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        async for request in requests:
            self.asked.append(request.config)
        if self.error is not None:
            await context.abort(status_code(self.error), self.error.message, trailing_metadata(self.error))
        await self.may_end.wait()
        for answer in self.answers:
            yield answer


@dataclass
class Services:
    """All three."""

    asked: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.asr, self.mt, self.tts = (Service(self.asked) for _ in range(3))

    def add_to(self, server: grpc.aio.Server) -> None:
        for name, method, service, pb in (
            ("AsrService", "StreamingRecognize", self.asr, asr_pb2.StreamingRecognizeRequest),
            ("MtService", "StreamingTranslate", self.mt, mt_pb2.StreamingTranslateRequest),
            ("TtsService", "StreamingSynthesize", self.tts, tts_pb2.StreamingSynthesizeRequest),
        ):
            handler: Any = grpc.stream_stream_rpc_method_handler(service.serve, request_deserializer=pb.FromString)
            handlers = grpc.method_handlers_generic_handler(f"livetranslate.v1.{name}", {method: handler})
            server.add_generic_rpc_handlers([handlers])


async def prepared(services: Services) -> None:
    """Prepare a session into two languages, one of them spoken."""
    async with served(services.add_to) as channel:
        hops = Hops(
            asr_pb2_grpc.AsrServiceStub(channel),
            mt_pb2_grpc.MtServiceStub(channel),
            tts_pb2_grpc.TtsServiceStub(channel),
        )
        await prepare(hops, "en", SessionOptions(), TARGETS)


async def test_each_service_is_asked_for_what_the_session_needs() -> None:
    """What is spoken, all targets, and a voice for the one that is spoken."""
    services = Services()
    await prepared(services)
    (recognition,) = [asked for asked in services.asked if isinstance(asked, asr_pb2.RecognitionConfig)]
    (translation,) = [asked for asked in services.asked if isinstance(asked, mt_pb2.TranslationConfig)]
    (voice,) = [asked for asked in services.asked if isinstance(asked, tts_pb2.SynthesisConfig)]
    assert recognition.language_code == translation.source_language_code == "en"
    assert [target.language_code for target in translation.targets] == ["es", "ca"]
    assert voice.language_code == "es"


@pytest.mark.parametrize(
    "error",
    [
        ResourceExhaustedError("MODEL_MEMORY_FULL", "There is no memory."),
        InternalError("MODEL_LOAD_FAILED", "No such weights."),
    ],
)
@pytest.mark.parametrize("name", ["asr", "mt", "tts"])
async def test_a_refused_model_refuses_the_session(name: str, error: LiveTranslateError) -> None:
    """With the service's reason and words."""
    services = Services()
    getattr(services, name).error = error
    with pytest.raises(type(error), match=error.message) as caught:
        await prepared(services)
    assert caught.value.reason == error.reason


async def test_other_trouble_is_left_to_the_session() -> None:
    """A service that is away is waited for as ever, and a full decoder says nothing of memory."""
    services = Services()
    services.mt.error = UnavailableError("DRAINING", "About to stop.")
    services.tts.error = ResourceExhaustedError("MODEL_BUSY", "Too much to do.")
    await prepared(services)


async def test_a_load_that_takes_long_keeps_the_session_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it begins, and waits for what is missing where it is needed."""
    monkeypatch.setattr(preparation, "_PATIENCE_SECONDS", 0.1)
    services = Services()
    services.asr.may_end.clear()
    await prepared(services)
