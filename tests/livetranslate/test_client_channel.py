import pytest

from livetranslate.client.channel import Addresses


def of(addresses: str | list[str]) -> Addresses[str]:
    """Addresses whose channels are their names."""
    return Addresses(addresses, lambda address, _options: address)


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("localhost", "localhost:50051"),
        (" gateway.example:443 ", "gateway.example:443"),
        ("[::1]", "[::1]:50051"),
        ("[::1]:7", "[::1]:7"),
        ("unix:/run/gateway", "unix:/run/gateway"),
        ("dns:///gateway", "dns:///gateway"),
    ],
)
def test_a_port_that_is_missing(address: str, target: str) -> None:
    """A bare host gets the usual port; anything else is left to gRPC."""
    assert of(address).shared() == (target, target)


def test_turns() -> None:
    """After a failure it is the next one's turn, once for all who saw it; after the last comes the first."""
    addresses = of("a:1, b:2")
    addresses.move_on("a:1")
    addresses.move_on("a:1")
    assert addresses.current == "b:2"
    assert addresses.fresh() == ("b:2", "b:2")
    assert addresses.channels == []
    addresses.move_on("b:2")
    assert addresses.shared() == ("a:1", "a:1")
    assert addresses.channels == ["a:1"]


@pytest.mark.parametrize("addresses", ["", " , ", []])
def test_no_address(addresses: str | list[str]) -> None:
    """A client without an address is a mistake that is told at once."""
    with pytest.raises(ValueError, match="localhost:50051"):
        of(addresses)
