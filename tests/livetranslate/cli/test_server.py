import pytest

from livetranslate.cli import server
from tests.livetranslate.fake_gateway import FakeGateway


def test_named_server_is_used() -> None:
    """A server that was named is used unseen: its own errors say best what is wrong with it."""
    with server.gateway_address("example.test:443") as address:
        assert address == "example.test:443"


def test_running_server_is_used(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name, a healthy server on this machine is used."""
    monkeypatch.setattr(server, "LOCAL_ADDRESS", gateway.address)
    with server.gateway_address(None) as address:
        assert address == gateway.address


def test_health(gateway: FakeGateway) -> None:
    """A server that answers is told from a port where nobody listens."""
    assert server.is_serving(gateway.address)
    assert not server.is_serving("127.0.0.1:1")
