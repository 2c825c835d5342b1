import pytest

from livetranslate.addresses import check_address, check_addresses, host_and_port, target_of


@pytest.mark.parametrize(
    ("addresses", "target"),
    [
        ("127.0.0.1:50052", "ipv4:127.0.0.1:50052"),
        ("[::1]:50052", "ipv6:[::1]:50052"),
        ("asr.captions.svc:50052", "dns:///asr.captions.svc:50052"),
        ("localhost:50052", "dns:///localhost:50052"),
        ("10.0.0.1:50052,10.0.0.2:50053", "ipv4:10.0.0.1:50052,10.0.0.2:50053"),
        ("[fd00::1]:50052,[fd00::2]:50052", "ipv6:[fd00::1]:50052,[fd00::2]:50052"),
        ("localhost:50052,127.0.0.1:50053", "ipv4:127.0.0.1:50052,127.0.0.1:50053"),
    ],
)
def test_a_target_has_all_addresses(addresses: str, target: str) -> None:
    """A name is looked up; IP addresses are taken as they are."""
    assert target_of(addresses) == target


def test_spaces_between_addresses_do_not_matter() -> None:
    """A list may be written with a space after each comma."""
    assert check_addresses("10.0.0.1:1, 10.0.0.2:1") == "10.0.0.1:1,10.0.0.2:1"


@pytest.mark.parametrize(
    "value", ["", "50051", "host", ":50051", "host:70000", "host:x", "::1:50051", "[::1]", "[host]:1", "http://host:1"]
)
def test_what_is_no_address_is_refused(value: str) -> None:
    """The refusal shows what an address looks like."""
    with pytest.raises(ValueError, match=r"must be HOST:PORT, for example 127\.0\.0\.1:50051 or \[::1\]:50051"):
        check_address(value)


def test_one_place_to_listen() -> None:
    """A service listens on one address."""
    with pytest.raises(ValueError, match="must be HOST:PORT"):
        check_address("127.0.0.1:1,127.0.0.1:2")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("asr-1:50052,asr-2:50052", "'asr-1' is a name. Use one DNS name"),
        ("10.0.0.1:1,[fd00::1]:1", "all IPv4 or all IPv6"),
        ("10.0.0.1:1,", "must be HOST:PORT"),
    ],
)
def test_what_cannot_be_balanced_is_refused(value: str, says: str) -> None:
    """The refusal of a list says what to write instead."""
    with pytest.raises(ValueError, match=says):
        check_addresses(value)


@pytest.mark.parametrize(
    ("address", "parts"), [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::]:0", ("::", 0)), ("host:1", ("host", 1))]
)
def test_sockets_take_hosts_without_brackets(address: str, parts: tuple[str, int]) -> None:
    """An address is split into what sockets take."""
    assert host_and_port(address) == parts
