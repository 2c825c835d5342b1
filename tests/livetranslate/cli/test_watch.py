from pathlib import Path

from tests.livetranslate.cli.conftest import Livetranslate
from tests.livetranslate.cli.test_translate import CAPTIONS


def test_watch(livetranslate: Livetranslate, recording: Path) -> None:
    """Following a session shows the same captions as speaking in it."""
    livetranslate("translate", str(recording), "--source=en", "--target=es")
    done = livetranslate("watch", "session-1")
    assert (done.code, done.out) == (0, CAPTIONS)


def test_unknown_session(livetranslate: Livetranslate) -> None:
    """A session that does not exist is a sentence and exit code 1."""
    done = livetranslate("watch", "session-9")
    assert (done.code, done.err) == (1, "livetranslate: There is no session 'session-9'.")
