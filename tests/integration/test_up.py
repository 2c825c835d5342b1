import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from livetranslate.client import Client

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "livetranslate"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Nothing that is set outside, data of its own, and engines that cost nothing."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    own = {
        "LIVETRANSLATE_DATA_DIR": str(tmp_path / "data"),
        "LIVETRANSLATE_MODEL_REPOSITORY": str(ROOT / "bench" / "models"),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    return inherited | own


@contextmanager
def up(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`livetranslate up`, killed at the end if it is still there."""
    command = [*COMMAND, "up", "--profile", "null", *arguments]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What the command says up to a line with `text`."""
    assert process.stderr
    said = ""
    for line in process.stderr:
        said += line
        if text in line:
            return said
    raise AssertionError(f"ended without saying {text!r}:\n{said}")


def offspring(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; one that has ended may wait a while for the system to take note of it."""
    return [process for process in processes if _is_alive(process)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_everything_starts_and_stops(environment: dict[str, str], number: signal.Signals) -> None:
    """The command says where each part listens, its metrics are and which process it is, and leaves nothing behind."""
    addresses = ("--listen", f"127.0.0.1:{free_port()}", "--web", f"127.0.0.1:{free_port()}")
    with up(environment, *addresses) as process:
        said = read_until(process, "Ready.")
        parts = {name: int(pid) for name, pid in re.findall(r"^ *(\w+) .* (\d+) *$", said, re.MULTILINE)}
        assert parts.keys() == {"gateway", "asr", "mt", "tts", "triton", "postgres"}
        children = offspring(process)
        assert set(parts.values()) <= {child.pid for child in children}
        scraped = dict(re.findall(r"^ *(\w+) .* (http://\S+/metrics) ", said, re.MULTILINE))
        assert scraped.keys() == {"gateway", "asr", "mt", "tts", "triton"}
        for url in scraped.values():
            with urlopen(url) as answer:  # noqa: S310 - it begins with http:
                assert b"# TYPE " in answer.read()
        address = re.search(r"gateway +(\S+)", said)
        assert address
        with Client(address[1]) as client:
            assert client.capabilities().recognizers[0].model == "asr_null"
        web = re.search(r"base_url=(http://\S+)", said)
        assert web
        with urlopen(f"{web[1]}/models") as answer:  # noqa: S310 - the same
            assert b"asr_null" in answer.read()
        process.send_signal(number)
        assert process.wait(30) == 0
        assert not alive(children)


def test_breaking_off_the_start_leaves_nothing(environment: dict[str, str]) -> None:
    """Ctrl-C works before everything runs, too."""
    with up(environment) as process:
        while not (children := offspring(process)):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert not alive(children)


def test_a_killed_command_takes_everything_with_it(environment: dict[str, str]) -> None:
    """Nothing goes on without the command that started it."""
    with up(environment, "--listen", f"127.0.0.1:{free_port()}") as process:
        read_until(process, "Ready.")
        children = offspring(process)
        process.kill()
        _, left = psutil.wait_procs(children, timeout=30)
        assert not alive(left)


def test_a_part_that_dies_ends_everything(environment: dict[str, str]) -> None:
    """The command names the part, shows the end of its log, and stops the rest."""
    with up(environment, "--listen", f"127.0.0.1:{free_port()}") as process:
        said = read_until(process, "Ready.")
        mt = re.search(r"^ *mt .* (\d+) *$", said, re.MULTILINE)
        assert mt
        children = offspring(process)
        psutil.Process(int(mt[1])).kill()
        _, message = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "mt ended with status -9" in message
        assert not alive(children)


def test_a_part_that_cannot_start_is_named(environment: dict[str, str]) -> None:
    """A wrong setting stops the start: which part, its last words, what to do; nothing is left running."""
    with up(environment | {"LIVETRANSLATE_ASR_GATE_DBFS": "loud"}) as process:
        _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "asr ended with status 2 before it was ready" in message
    assert "LIVETRANSLATE_ASR_GATE_DBFS='loud'" in message
    assert "livetranslate doctor" in message
    assert "Traceback" not in message


def test_a_taken_port_is_named(environment: dict[str, str]) -> None:
    """A second `up` on the same port says so, before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with up(environment, "--listen", address) as process:
            _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"{address} is in use" in message


def test_a_profile_without_models_is_refused(environment: dict[str, str]) -> None:
    """The message names the profile and where models were looked for."""
    with up(environment, "--profile", "neural") as process:
        _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "no model of profile 'neural'" in message


def test_a_given_part_that_does_not_answer_is_named(environment: dict[str, str]) -> None:
    """An address that a setting gives is tried before anything is started."""
    address = f"127.0.0.1:{free_port()}"
    with up(environment | {"LIVETRANSLATE_TRITON_URL": address}) as process:
        _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"LIVETRANSLATE_TRITON_URL='{address}': nobody answers there" in message
