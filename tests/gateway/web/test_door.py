"""The door in a whole gateway, whose services are full, away or about to stop."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import openai
import pytest
from starlette.applications import Starlette

from gateway.settings import GatewaySettings
from gateway.web import web_door
from livetranslate.errors import UnavailableError
from livetranslate.settings import SettingsError
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.postgres import Postgres
from tests.gateway.inner_services import Asr, AsrRequests, AsrResponse, Mt, inner_services
from tests.gateway.running_gateway import running_gateway
from tests.gateway.talk import in_container

PATIENCE_SECONDS = 120
FILE = ("two.flac", in_container(np.zeros(32_000, np.int16), "flac"))


@asynccontextmanager
async def gateway(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, services: dict[str, str], **settings: str
) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client of a gateway in front of these services."""
    address = f"{HOST}:{free_ports(1)[0]}"
    changed = {f"LIVETRANSLATE_GATEWAY_{name.upper()}": value for name, value in settings.items()}
    defaults = {
        "LIVETRANSLATE_DATABASE_URL": postgres.url,
        "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "30",
        "LIVETRANSLATE_GATEWAY_LOOP_DELAY_BOUND_MS": "3600000",
        "LIVETRANSLATE_GATEWAY_WEB_LISTEN": address,
    }
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        running_gateway(monkeypatch, {**defaults, **services, **changed}),
        openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="none", max_retries=0) as api,
    ):
        yield api


@asynccontextmanager
async def fakes(asr: Asr) -> AsyncIterator[dict[str, str]]:
    """A recognizer and a translator."""
    async with inner_services(asr, Mt()) as urls:  # type: ignore[abstract] # what is not there is not used
        yield urls


async def transcribe(api: openai.AsyncOpenAI) -> str:
    """What is said in two seconds."""
    return (await api.audio.transcriptions.create(model="whisper-1", file=FILE)).text


async def speaking(api: openai.AsyncOpenAI, asr: "HeldAsr") -> "asyncio.Task[str]":
    """A request whose session runs, and is held up by its recognizer."""
    asr.may_read.clear()
    task = asyncio.ensure_future(transcribe(api))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asr.has_stream.wait()
    return task


class HeldAsr(Asr):
    """It tells when a stream has come."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.has_stream = asyncio.Event()
        self.has_left = asyncio.Event()

    async def StreamingRecognize(self, requests: AsrRequests, context: object) -> AsyncIterator[AsrResponse]:
        self.has_stream.set()
        try:
            async for response in super().StreamingRecognize(requests, context):
                yield response
        finally:
            self.has_left.set()


async def test_a_full_server_refuses(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests count as sessions do, and who is refused is told when to come again."""
    asr = HeldAsr()
    async with fakes(asr) as urls, gateway(postgres, monkeypatch, urls, max_sessions="1") as api:
        first = await speaking(api, asr)
        with pytest.raises(openai.RateLimitError) as raised:
            await transcribe(api)
        assert raised.value.type == "rate_limit_error"
        assert int(raised.value.response.headers["retry-after"]) >= 1
        asr.may_read.set()
        assert await first == "this is second 0 this is second 1"
        assert await transcribe(api) == "this is second 0 this is second 1"


async def test_a_server_that_stops_ends_what_runs(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """New requests are refused, and the health route says so; the running one is answered."""
    asr = HeldAsr()
    async with fakes(asr) as urls, gateway(postgres, monkeypatch, urls) as api:
        health = api.with_options(base_url=str(api.base_url).removesuffix("v1/"))
        assert await health.get("/healthz", cast_to=object) == {"status": "ok"}
        first = await speaking(api, asr)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await _stopping(health) == 503
        with pytest.raises(openai.InternalServerError) as raised:
            await transcribe(api)
        assert (raised.value.status_code, raised.value.code) == (503, "draining")
        asr.may_read.set()
        assert await first == "this is second 0 this is second 1"


async def _stopping(health: openai.AsyncOpenAI) -> int:
    """What health answers as soon as the signal has arrived."""
    while True:
        try:
            await health.get("/healthz", cast_to=object)
        except openai.InternalServerError as error:
            return error.status_code


async def test_services_that_are_away_are_unavailable(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request needs its own."""
    nobody = f"{HOST}:{free_ports(1)[0]}"
    urls = {f"LIVETRANSLATE_{name}_URL": nobody for name in ("ASR", "MT", "TTS")}
    async with gateway(postgres, monkeypatch, urls) as api:
        for request in (
            transcribe(api),
            api.audio.speech.create(model="tts-1", voice="alloy", input="Hello."),
            api.models.retrieve("asr_fake"),
        ):
            with pytest.raises(openai.InternalServerError) as raised:
                await request
            assert raised.value.status_code == 503
            assert "retry-after" in raised.value.response.headers


async def test_whoever_leaves_frees_its_place(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session ends with its client, streamed or not."""
    asr = HeldAsr()
    async with fakes(asr) as urls, gateway(postgres, monkeypatch, urls, max_sessions="1") as api:
        for _ in range(2):
            asr.has_stream.clear()
            asr.has_left.clear()
            request = await speaking(api, asr)
            request.cancel()
            asr.may_read.set()
            await asr.has_left.wait()
            text = await api.with_options(max_retries=5).audio.transcriptions.create(model="whisper-1", file=FILE)
            assert text.text == "this is second 0 this is second 1"


@pytest.mark.parametrize("sent_bytes", [0, 70_000])
async def test_an_upload_that_stalls_is_ended(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, sent_bytes: int
) -> None:
    """With the connection, for the rest of the request can never come."""
    async with (
        fakes(Asr()) as urls,
        gateway(postgres, monkeypatch, urls, stall_seconds="0.3") as api,
    ):
        reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
        head = (
            "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        )
        writer.write(head.encode() + bytes(sent_bytes))
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"upload_stalled"' in answer
        writer.close()
        assert await transcribe(api)


async def test_uploads_have_a_limit(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that do not say how large they are."""
    async with (
        fakes(Asr()) as urls,
        gateway(postgres, monkeypatch, urls, web_max_upload_bytes="65536") as api,
    ):
        reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
        head = (
            "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + bytes(400_000)
        writer.write(head.encode() + f"{len(part):x}\r\n".encode() + part + b"\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()
        assert await transcribe(api)


async def test_a_taken_port_is_named() -> None:
    """Nothing is answered by somebody else."""
    with socket.create_server((HOST, 0)) as taken:
        address = f"{HOST}:{taken.getsockname()[1]}"
        with pytest.raises(UnavailableError, match=address):
            async with web_door(Starlette(), address, shares_port=False):
                raise AssertionError


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name."""
    monkeypatch.setenv("LIVETRANSLATE_DATABASE_URL", "postgresql://x")
    monkeypatch.setenv("LIVETRANSLATE_GATEWAY_WEB_LISTEN", "8080")
    with pytest.raises(SettingsError, match="LIVETRANSLATE_GATEWAY_WEB_LISTEN"):
        GatewaySettings.from_environment()
