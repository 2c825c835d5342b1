"""What sessions leave behind: nothing, however they end and however long they last."""

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench.system import ROOMY
from gateway.__main__ import run
from gateway.settings import GatewaySettings
from livetranslate.client import AsyncClient, TranslateError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.process import Process
from livetranslate.stack.stack import Stack
from tests.gateway.states import until_suspended
from tests.gateway.talk import in_container, pieces, talk
from tests.gateway.told import Told

ROUNDS = 5
ROOM_KB = 20_480  # what an allocator may keep; the audio of those fifty minutes would be 96 MB


def settings_beside(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> GatewaySettings:
    """A gateway of the test's own, in its process, with the stack's services and database."""
    postgres = stack.parts["postgres"]
    assert isinstance(postgres, Postgres)
    monkeypatch.setenv("LIVETRANSLATE_DATABASE_URL", postgres.url)
    monkeypatch.setenv("LIVETRANSLATE_GATEWAY_LISTEN", f"{HOST}:{free_ports(1)[0]}")
    for name in ("asr", "mt", "tts"):
        monkeypatch.setenv(f"LIVETRANSLATE_{name.upper()}_URL", stack.addresses[name])
    for variable, value in ROOMY.items():
        monkeypatch.setenv(variable, value)
    return GatewaySettings.from_environment()


async def vanish(client: AsyncClient, audio: bytes, **options: Any) -> None:
    """Leave in the middle of a word, and wait until the session is let go."""
    async with client.open_session(source="en", **options) as session:
        session_id = (await anext(aiter(session))).session_started.session_id
        await session.send_audio(audio)
    await until_suspended(client, session_id)


async def fail(client: AsyncClient) -> None:
    """Send what cannot be decoded."""
    with pytest.raises(TranslateError, match="cannot be decoded"):
        await Told.of(client.translate([b"fLaC" + bytes(5_000)], source="en", encoding="container"))


def session_tasks() -> list[asyncio.Task[Any]]:
    names = ("SessionStream", "LiveTranslateService", "Recognition.", "Translation.", "Voice.", "Vigil.", "reading.")
    return [task for task in asyncio.all_tasks() if any(name in str(task.get_coro()) for name in names)]


async def test_sessions_leave_no_task_and_no_thread(null_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether they end well, fail or are left, all their tasks and decoders end; and the server stops at once."""
    settings = settings_beside(null_stack, monkeypatch)
    gateway = asyncio.create_task(run(settings))
    async with grpc.aio.insecure_channel(settings.listen) as channel, AsyncClient(settings.listen) as client:
        await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), wait_for_ready=True)
        speech, flac = talk(3).tobytes(), in_container(talk(3), "flac")
        for _ in range(ROUNDS):
            await asyncio.gather(
                vanish(client, speech, targets=["es"], speech=["es"]),
                vanish(client, flac[: len(flac) // 2], encoding="container"),
                fail(client),
                Told.of(client.translate(pieces(speech), source="en", targets=["es"], speech=["es"])),
            )
        if left := session_tasks():
            await asyncio.wait(left, timeout=5)
        assert session_tasks() == []
        assert [thread for thread in threading.enumerate() if thread.name == "audio decoder"] == []
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await gateway


def resident_kb(process: Process) -> int:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise ProcessLookupError(process.pid)


@pytest.mark.slow
async def test_an_hour_takes_no_more_memory_than_ten_minutes(null_stack: Stack, client: AsyncClient) -> None:
    """Speech with long silences, as fast as it goes: neither the gateway nor asr grows."""
    processes = {name: null_stack.parts[name] for name in ("gateway", "asr")}
    half_minute = np.concatenate([talk(4), np.zeros(26 * SAMPLE_RATE_HERTZ, np.int16)]).tobytes()
    sizes: list[dict[str, int]] = []
    async with client.open_session(source="en", targets=["es"], speech=["es"]) as session:
        listening = asyncio.create_task(Told.of(session))
        for _ in range(120):
            await session.send_audio(half_minute)
            sizes.append({name: resident_kb(part) for name, part in processes.items() if isinstance(part, Process)})
        await session.finish()
        told = await listening
    assert told.summary.audio_duration.ToSeconds() == 3600
    assert told.summary.segment_count >= 120
    assert told.translated("es") == list(told.finals)
    for name in processes:
        after_ten_minutes, *later = [size[name] for size in sizes[20:]]
        assert max(later) - after_ten_minutes < ROOM_KB
