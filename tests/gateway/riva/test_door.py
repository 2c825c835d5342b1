"""The door in a whole gateway, whose services are full, away or about to stop."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from riva.client.proto import (
    riva_asr_pb2,
    riva_asr_pb2_grpc,
    riva_audio_pb2,
    riva_nmt_pb2,
    riva_nmt_pb2_grpc,
    riva_tts_pb2,
    riva_tts_pb2_grpc,
)

from gateway.riva.door import SERVICE_NAMES
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.postgres import Postgres
from livetranslate.status import error_info
from tests.gateway.inner_services import Asr, Mt, inner_services
from tests.gateway.running_gateway import running_gateway

SECOND = bytes(2 * SAMPLE_RATE_HERTZ)
PATIENCE_SECONDS = 120

StreamingRequest = riva_asr_pb2.StreamingRecognizeRequest
RECOGNITION = riva_asr_pb2.RecognitionConfig(
    encoding=riva_audio_pb2.LINEAR_PCM, sample_rate_hertz=SAMPLE_RATE_HERTZ, language_code="en-US"
)
CONFIG = StreamingRequest(streaming_config=riva_asr_pb2.StreamingRecognitionConfig(config=RECOGNITION))


@dataclass
class Stubs:
    """A Riva client's way in."""

    channel: grpc.aio.Channel

    def __post_init__(self) -> None:
        self.asr: Any = riva_asr_pb2_grpc.RivaSpeechRecognitionStub(self.channel)
        self.nmt: Any = riva_nmt_pb2_grpc.RivaTranslationStub(self.channel)
        self.tts: Any = riva_tts_pb2_grpc.RivaSpeechSynthesisStub(self.channel)


@asynccontextmanager
async def gateway(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, services: dict[str, str], **settings: str
) -> AsyncIterator[Stubs]:
    """A gateway in front of these services."""
    changed = {f"LIVETRANSLATE_GATEWAY_{name.upper()}": value for name, value in settings.items()}
    defaults = {
        "LIVETRANSLATE_DATABASE_URL": postgres.url,
        "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "0",
        "LIVETRANSLATE_GATEWAY_LOOP_DELAY_BOUND_MS": "3600000",
    }
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        running_gateway(monkeypatch, {**defaults, **services, **changed}) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield Stubs(channel)


@asynccontextmanager
async def fakes() -> AsyncIterator[dict[str, str]]:
    """A recognizer and a translator."""
    async with inner_services(Asr(), Mt()) as urls:  # type: ignore[abstract] # what is not there is not used
        yield urls


async def speaking(stubs: Stubs) -> Any:
    """A stream that has heard a second, and has told of it."""
    call = stubs.asr.StreamingRecognize()
    await call.write(CONFIG)
    await call.write(StreamingRequest(audio_content=SECOND))
    response = await call.read()
    assert response.results[0].is_final
    return call


async def status_of(call: Any) -> grpc.aio.AioRpcError:
    """How a call fails."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return raised.value


async def test_tools_find_the_services(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reflection lists them and has their messages; health knows them."""
    async with fakes() as urls, gateway(postgres, monkeypatch, urls) as stubs:
        health = health_pb2_grpc.HealthStub(stubs.channel)
        for name in SERVICE_NAMES:
            checked = await health.Check(health_pb2.HealthCheckRequest(service=name))
            assert checked.status == health_pb2.HealthCheckResponse.SERVING
        reflection = reflection_pb2_grpc.ServerReflectionStub(stubs.channel).ServerReflectionInfo()
        await reflection.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        listed = {service.name for service in (await reflection.read()).list_services_response.service}
        assert set(SERVICE_NAMES) <= listed
        for name in SERVICE_NAMES:
            await reflection.write(reflection_pb2.ServerReflectionRequest(file_containing_symbol=name))
            assert (await reflection.read()).HasField("file_descriptor_response")
        reflection.cancel()


async def test_a_closed_door_answers_nobody(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """The services are not there, and messages are as small as ever."""
    async with fakes() as urls, gateway(postgres, monkeypatch, urls, riva="false") as stubs:
        large = riva_asr_pb2.RecognizeRequest(config=RECOGNITION, audio=bytes(5_000_000))
        for request in (riva_asr_pb2.RecognizeRequest(), large):
            error = await status_of(stubs.asr.Recognize(request))
            assert error.code() in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.RESOURCE_EXHAUSTED)


async def test_a_full_server_refuses(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Riva's sessions count as ours do, and who is refused is told to come again."""
    async with fakes() as urls, gateway(postgres, monkeypatch, urls, max_sessions="1") as stubs:
        call = await speaking(stubs)
        refused = stubs.asr.Recognize(riva_asr_pb2.RecognizeRequest(config=RECOGNITION, audio=SECOND))
        error = await status_of(refused)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        info = error_info(error)
        assert info is not None
        assert info.reason == "TOO_MANY_SESSIONS"
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        again = stubs.asr.Recognize(riva_asr_pb2.RecognizeRequest(config=RECOGNITION, audio=SECOND))
        assert (await again).results[0].alternatives[0].transcript == "this is second 0 "


async def test_a_server_that_stops_ends_its_streams(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Riva's clients know it: UNAVAILABLE, and another server may be tried."""
    async with fakes() as urls, gateway(postgres, monkeypatch, urls) as stubs:
        call = await speaking(stubs)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (await status_of(call.read())).code() is grpc.StatusCode.UNAVAILABLE


async def test_services_that_are_away_are_unavailable(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each method needs its own."""
    nobody = f"{HOST}:{free_ports(1)[0]}"
    urls = {f"LIVETRANSLATE_{name}_URL": nobody for name in ("ASR", "MT", "TTS")}
    texts = riva_nmt_pb2.TranslateTextRequest(texts=["one"], source_language="en", target_language="es")
    kept = riva_nmt_pb2.TranslateTextRequest(
        texts=["one"], source_language="en", target_language="es", dnt_phrases=["x"]
    )
    text = riva_tts_pb2.SynthesizeSpeechRequest(text="Hello.", language_code="en-US")
    async with gateway(postgres, monkeypatch, urls) as stubs:
        for call in (
            stubs.asr.Recognize(riva_asr_pb2.RecognizeRequest(config=RECOGNITION, audio=SECOND)),
            stubs.asr.GetRivaSpeechRecognitionConfig(riva_asr_pb2.RivaSpeechRecognitionConfigRequest()),
            stubs.nmt.TranslateText(texts),
            stubs.nmt.TranslateText(kept),
            stubs.nmt.ListSupportedLanguagePairs(riva_nmt_pb2.AvailableLanguageRequest()),
            stubs.tts.Synthesize(text),
            stubs.tts.GetRivaSynthesisConfig(riva_tts_pb2.RivaSynthesisConfigRequest()),
        ):
            assert (await status_of(call)).code() is grpc.StatusCode.UNAVAILABLE
        for stream in (stubs.asr.StreamingRecognize(iter([CONFIG])), stubs.tts.SynthesizeOnline(iter([text]))):
            assert (await status_of(stream.read())).code() is grpc.StatusCode.UNAVAILABLE
