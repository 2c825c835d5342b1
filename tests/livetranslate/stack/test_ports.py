import socket

from livetranslate.stack.ports import free_ports, is_answering, is_free


def test_free_ports_can_be_listened_on() -> None:
    """As many as asked for, no two the same, and nobody listens on them."""
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        assert is_free(f"127.0.0.1:{port}")
        assert not is_answering(f"127.0.0.1:{port}")


def test_a_taken_port_answers() -> None:
    """Where somebody listens, nobody else can, and connections are taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert is_answering(address)
        assert not is_free(address)


def test_what_is_no_address_does_not_answer() -> None:
    """A port that is no number is no reason to fail."""
    assert not is_answering("triton:grpc")
