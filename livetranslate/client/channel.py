"""How both clients connect."""

from typing import Final

import grpc
from grpc import aio

OPTIONS: Final[list[tuple[str, int]]] = [
    ("grpc.keepalive_time_ms", 30_000),  # home routers forget a silent connection after a minute or so
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),  # the JSON export of a day of speech
]


def connect_async(address: str, credentials: grpc.ChannelCredentials | None) -> aio.Channel:
    """Opens a channel for asyncio: plaintext, or TLS with `credentials`."""
    if credentials is None:
        return aio.insecure_channel(address, options=OPTIONS)
    return aio.secure_channel(address, credentials, options=OPTIONS)


def connect(address: str, credentials: grpc.ChannelCredentials | None) -> grpc.Channel:
    """Opens a channel for threads: plaintext, or TLS with `credentials`."""
    if credentials is None:
        return grpc.insecure_channel(address, options=OPTIONS)
    return grpc.secure_channel(address, credentials, options=OPTIONS)
