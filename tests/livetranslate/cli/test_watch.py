import signal
import subprocess
import sys
from pathlib import Path

from tests.livetranslate.cli.conftest import Livetranslate
from tests.livetranslate.cli.test_translate import CAPTIONS
from tests.livetranslate.fake_gateway import FakeGateway


def test_watch(livetranslate: Livetranslate, recording: Path) -> None:
    """Following a session shows the same captions as speaking in it."""
    livetranslate("translate", str(recording), "--source=en", "--target=es")
    done = livetranslate("watch", "session-1")
    assert (done.code, done.out) == (0, CAPTIONS)


def test_a_broken_connection(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """A view that breaks goes on after the last event it had, and says so in two calm lines each."""
    livetranslate("translate", str(recording), "--source=en", "--target=es")
    gateway.watch_breaks = 2
    done = livetranslate("watch", "session-1", "--server", f"127.0.0.1:1,{gateway.address}")
    assert (done.code, done.out) == (0, CAPTIONS)
    assert done.err.count("was lost (broken for a test). Trying to go on") == 2


def test_unknown_session(livetranslate: Livetranslate) -> None:
    """A session that does not exist is a sentence and exit code 1."""
    done = livetranslate("watch", "session-9")
    assert (done.code, done.err) == (1, "livetranslate: There is no session 'session-9'.")


def test_interrupt(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """Ctrl-C stops following a session that goes on, without a word."""
    livetranslate("translate", str(recording), "--source=en")
    gateway.may_go_on.clear()
    command = [sys.executable, "-m", "livetranslate", "watch", "session-1", "--server", gateway.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == "[00:00.0 → 00:01.0] en: word 0\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"")
