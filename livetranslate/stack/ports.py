"""Free and taken ports."""

import contextlib
import socket

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment, no two the same."""
    with contextlib.ExitStack() as open_sockets:
        ports = []
        for _ in range(count):  # all bound before any is closed
            bound = open_sockets.enter_context(socket.socket())
            bound.bind((HOST, 0))
            ports.append(int(bound.getsockname()[1]))
        return ports


def is_free(address: str) -> bool:
    """Whether `HOST:PORT` can be listened on."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError:
            return False
    return True


def is_answering(address: str) -> bool:
    """Whether somebody takes connections at `HOST:PORT`."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        return False
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True
