import pytest

from tests.livetranslate.cli.conftest import Livetranslate


@pytest.mark.parametrize("listen", ["localhost", "127.0.0.1:http", ":50051", "127.0.0.1:70000"])
@pytest.mark.parametrize("option", ["--listen", "--web"])
def test_an_address_that_is_none(livetranslate: Livetranslate, option: str, listen: str) -> None:
    """A wrong address is a wrong command, and the message shows a right one."""
    done = livetranslate("up", f"{option}={listen}")
    assert done.code == 2
    assert "HOST:PORT" in done.err
