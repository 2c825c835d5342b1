"""A DNS server on loopback, for one name whose addresses change."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_IPV4 = 1


class DnsServer(asyncio.DatagramProtocol):
    """Answers every question for IPv4 addresses with `addresses`, and any other with nothing."""

    def __init__(self, *addresses: str) -> None:
        """Begin with these."""
        self.addresses = addresses
        self.port = 0

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # as endpoints do
        """Be listening."""
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, sender: tuple[str | None, int]) -> None:
        """Answer (RFC 1035, section 4): the question again, then a record for each address, living for 1 s."""
        end = data.index(b"\0", 12) + 5  # of the question: its name, its type and its class
        (kind,) = struct.unpack(">H", data[end - 4 : end - 2])
        addresses = self.addresses if kind == _IPV4 else ()
        header = data[:2] + struct.pack(">HHHHH", 0x8180, 1, len(addresses), 0, 0)
        records = (struct.pack(">HHHIH", 0xC00C, _IPV4, 1, 1, 4) + socket.inet_aton(each) for each in addresses)
        self._transport.sendto(header + data[12:end] + b"".join(records), sender)


@asynccontextmanager
async def dns_server(*addresses: str) -> AsyncIterator[DnsServer]:
    """One that answers while the block runs."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: DnsServer(*addresses), local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
