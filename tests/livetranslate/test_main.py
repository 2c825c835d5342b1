import json
import os
import signal
import subprocess
import sys
from urllib.request import urlopen

import pytest

SCRIPT = """
import sys
from livetranslate.load_meter import measuring
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.settings import ServiceSettings

class Settings(ServiceSettings):
    model_config = {"env_prefix": "LIVETRANSLATE_TEST_"}

async def run(settings):
    async with measuring():
        await serve(Server(settings, "test.Test"))

sys.exit(run_service("test", Settings, run))
"""


def start(**variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "LIVETRANSLATE_TEST_LISTEN": "127.0.0.1:0", **variables}
    return subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_when_told_to(number: signal.Signals) -> None:
    """A service that is told to stop ends with status 0."""
    with start() as process:
        assert process.stderr
        assert '"listening"' in process.stderr.readline()
        process.send_signal(number)
        assert '"stopped"' in process.stderr.read()
    assert process.returncode == 0


def test_metrics_can_be_scraped() -> None:
    """A service answers scrapes where it is told to, and says where that is."""
    with start(LIVETRANSLATE_TEST_METRICS_LISTEN="127.0.0.1:0") as process:
        assert process.stderr
        port = json.loads(process.stderr.readline())["port"]
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"process_cpu_seconds_total" in answer.read()
        assert '"listening"' in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert '"stopped"' in process.stderr.read()
    assert process.returncode == 0


def test_wrong_settings_end_it() -> None:
    """Wrong settings end it with status 2 and a line that names the variable."""
    with start(LIVETRANSLATE_TEST_LISTEN="nowhere") as process:
        assert process.stderr
        assert process.stderr.read() == (
            "test: LIVETRANSLATE_TEST_LISTEN='nowhere': must be HOST:PORT, for example 127.0.0.1:50051 or [::1]:50051\n"
        )
    assert process.returncode == 2


def test_what_it_cannot_do_ends_it() -> None:
    """A service that cannot run ends with status 1 and says why in its last line."""
    with start(LIVETRANSLATE_TEST_LISTEN="192.0.2.1:1") as process:
        assert process.stderr
        assert process.stderr.read().splitlines()[-1].startswith("test: Cannot listen on 192.0.2.1:1")
    assert process.returncode == 1
