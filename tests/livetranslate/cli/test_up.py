import pytest

from tests.livetranslate.cli.conftest import Livetranslate


@pytest.mark.parametrize("listen", ["localhost", "127.0.0.1:http", ":50051", "127.0.0.1:70000"])
def test_an_address_that_is_none(livetranslate: Livetranslate, listen: str) -> None:
    """A wrong --listen is a wrong command, and the message shows a right one."""
    done = livetranslate("up", f"--listen={listen}")
    assert done.code == 2
    assert "HOST:PORT" in done.err
