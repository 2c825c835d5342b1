"""How both clients connect, and to which of the server's addresses."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

import grpc
from grpc import aio

DEFAULT_PORT: Final = 50051

OPTIONS: Final[list[tuple[str, int]]] = [
    ("grpc.keepalive_time_ms", 10_000),  # a server that died without a word is noticed after 15 s
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # without it gRPC waits a minute for the answer, whatever stands above
    ("grpc.http2.max_pings_without_data", 0),  # a viewer sends nothing else
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 3_000),  # also the longest time that a connection may take to come about
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),  # the JSON export of a day of speech
]
_OF_ITS_OWN: Final[list[tuple[str, int]]] = [*OPTIONS, ("grpc.use_local_subchannel_pool", 1)]

Options = Sequence[tuple[str, int]]

_Channel = TypeVar("_Channel")
Connect = Callable[[str, list[tuple[str, int]]], _Channel]


class Addresses(Generic[_Channel]):
    """A server's addresses: a shared channel to each, and the one whose turn it is."""

    def __init__(self, addresses: str | Iterable[str], connect: Connect[_Channel]) -> None:
        """Connects when first used.

        Args:
            addresses: "HOST:PORT" of each replica, as a sequence or in a string with commas between them.
            connect: Opens a channel.

        Raises:
            ValueError: There is none.
        """
        names = addresses.split(",") if isinstance(addresses, str) else addresses
        self._addresses = [_with_port(name.strip()) for name in names if name.strip()]
        if not self._addresses:
            raise ValueError("a client needs the address of a server, for example localhost:50051")
        self._connect = connect
        self._shared: dict[str, _Channel] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._addresses)

    @property
    def current(self) -> str:
        """The address whose turn it is."""
        return self._addresses[self._turn]

    @property
    def channels(self) -> list[_Channel]:
        """The shared channels that were opened, to be closed."""
        return list(self._shared.values())

    def move_on(self, failed: str) -> None:
        """Gives the turn to the next address, unless that was done already for the one that failed."""
        if failed == self.current:
            self._turn = (self._turn + 1) % len(self._addresses)

    def shared(self) -> tuple[str, _Channel]:
        """The current address and the channel that everybody uses."""
        if self.current not in self._shared:
            self._shared[self.current] = self._connect(self.current, OPTIONS)
        return self.current, self._shared[self.current]

    def fresh(self) -> tuple[str, _Channel]:
        """The current address and a channel over a connection of its own.

        After a failure the shared one may be waiting before it connects again, or still be connected to a replica that
        is about to stop.
        """
        return self.current, self._connect(self.current, _OF_ITS_OWN)


def connect_async(credentials: grpc.ChannelCredentials | None, extra: Options = ()) -> Connect[aio.Channel]:
    """How to open channels for asyncio: plaintext, or TLS with `credentials`."""
    if credentials is None:
        return lambda address, options: aio.insecure_channel(address, options=[*options, *extra])
    return lambda address, options: aio.secure_channel(address, credentials, options=[*options, *extra])


def connect(credentials: grpc.ChannelCredentials | None, extra: Options = ()) -> Connect[grpc.Channel]:
    """How to open channels for threads: plaintext, or TLS with `credentials`."""
    if credentials is None:
        return lambda address, options: grpc.insecure_channel(address, options=[*options, *extra])
    return lambda address, options: grpc.secure_channel(address, credentials, options=[*options, *extra])


def _with_port(address: str) -> str:
    """Adds the usual port to a bare host name; anything else is gRPC's to understand."""
    has_port = ":" in address.rpartition("]")[2]
    return address if has_port or "/" in address else f"{address}:{DEFAULT_PORT}"
