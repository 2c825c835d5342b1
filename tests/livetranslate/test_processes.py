import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from livetranslate.processes import ProcessGroup
from livetranslate.stack.ports import HOST, free_ports

SCRIPT = """
import os, sys
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.settings import ServiceSettings

class Settings(ServiceSettings):
    model_config = {"env_prefix": "LIVETRANSLATE_TEST_"}
    processes: int = 1
    shares_port: bool = False

    @property
    def process_count(self):
        return self.processes

async def run(settings):
    server = Server(settings, "test.Test", shares_port=settings.shares_port)
    server.health.set(str(os.getpid()), 1)
    await serve(server)

sys.exit(run_service("test", Settings, run))
"""


@contextmanager
def running(address: str, count: int = 2, **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {"LIVETRANSLATE_TEST_LISTEN": address, "LIVETRANSLATE_TEST_PROCESSES": str(count), **variables}
    argv = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(argv, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_with(process: subprocess.Popen[str], text: str) -> Iterator[str]:
    assert process.stderr
    return (line for line in process.stderr if text in line)


def answering(address: str, pids: Sequence[int]) -> set[int]:
    """Which of the processes answer over connections of their own."""
    found = set()
    for _ in range(40):  # the kernel chooses by the client's port: of two, one stays unasked once in 2 ** 39 times
        with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            found |= {pid for pid in pids if is_answered_by(pid, health)}
    return found


def is_answered_by(pid: int, health: health_pb2_grpc.HealthStub) -> bool:
    try:
        health.Check(health_pb2.HealthCheckRequest(service=str(pid)), timeout=20)
    except grpc.RpcError:
        return False
    return True


def test_connections_spread_over_processes_that_end_together() -> None:
    """Several processes answer at one port; told to stop, all of them do, and the status is 0."""
    address = f"{HOST}:{free_ports(1)[0]}"
    with running(address) as process:
        listening = lines_with(process, '"listening"')
        assert next(listening)
        assert next(listening)
        pids = [child.pid for child in psutil.Process(process.pid).children()]
        assert len(pids) == 2
        assert answering(address, pids) == set(pids)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    """A process that has run is replaced when it dies; the others go on."""
    script = "import os, pathlib, time; pathlib.Path(str(os.getpid())).touch(); time.sleep(600)"
    group = ProcessGroup(
        [sys.executable, "-c", f"import os; os.chdir({str(tmp_path)!r}); {script}"],
        [dict(os.environ)] * 2,
        start_seconds=0,
        pause_seconds=0,
    )
    running = asyncio.create_task(group.run())

    async def started(count: int) -> list[int]:
        async with asyncio.timeout(60):
            while len(pids := [int(path.name) for path in tmp_path.iterdir()]) < count:  # noqa: ASYNC110, ASYNC240
                await asyncio.sleep(0.02)
        return pids

    first, second = await started(2)
    os.kill(first, signal.SIGKILL)
    (third,) = set(await started(3)) - {first, second}
    assert psutil.pid_exists(second)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
    assert not any(psutil.pid_exists(pid) for pid in (first, second, third))


async def test_what_is_told_to_stop_while_it_starts_stops() -> None:
    """A signal that comes while a process is being started reaches it, too."""
    others = set(psutil.Process().children())
    group = ProcessGroup([sys.executable, "-c", "import time; time.sleep(600)"], [dict(os.environ)])
    running = asyncio.create_task(group.run())
    await asyncio.sleep(0)  # it listens to signals now, and is about to start a process
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(60):
        assert await running == 0
    assert set(psutil.Process().children()) == others


def test_any_port_for_metrics_is_any_for_each() -> None:
    """Not that port and those that follow it."""
    with running(f"{HOST}:{free_ports(1)[0]}", LIVETRANSLATE_TEST_METRICS_LISTEN=f"{HOST}:0") as process:
        scraped = lines_with(process, '"listening for scrapes"')
        ports = [json.loads(next(scraped))["port"] for _ in range(2)]
        assert min(ports) > 1


def test_what_none_of_them_can_do_ends_all() -> None:
    """Processes that cannot run say why, and their status is that of the whole."""
    with running("192.0.2.1:1") as process:
        assert process.stderr
        assert "test: Cannot listen on 192.0.2.1:1" in process.stderr.read()
        assert process.wait(60) == 1
