"""A whole gateway in this process: as `python -m gateway` runs it, until it is told to stop."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import grpc
import pytest

from gateway import __main__ as gateway_main
from gateway.settings import GatewaySettings
from livetranslate.stack.ports import HOST, free_ports


@asynccontextmanager
async def running_gateway(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> AsyncIterator[str]:
    """Serve while the block runs; the address."""
    [port] = free_ports(1)
    address = f"{HOST}:{port}"
    for name, value in {**environment, "LIVETRANSLATE_GATEWAY_LISTEN": address}.items():
        monkeypatch.setenv(name, value)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(gateway_main.run(GatewaySettings.from_environment()))
        async with grpc.aio.insecure_channel(address) as channel, asyncio.timeout(60):
            await channel.channel_ready()
        yield address
        os.kill(os.getpid(), signal.SIGTERM)
        await running
