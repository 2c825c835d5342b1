import asyncio
from collections.abc import AsyncIterator

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.streams import first_request, reading


async def requests(*values: int, hold: asyncio.Event | None = None) -> AsyncIterator[int]:
    for value in values:
        yield value
    if hold is not None:
        await hold.wait()


class Received:
    """What has been handed over."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self.ends = 0
        self.ended = asyncio.Event()

    async def receive(self, value: int) -> None:
        if value < 0:
            raise InvalidArgumentError("NEGATIVE", "It is negative.")
        self.values.append(value)

    def at_end(self) -> None:
        self.ends += 1
        self.ended.set()


async def test_reads_to_the_end() -> None:
    """Each request is received in order, and the end is told once."""
    received = Received()
    async with asyncio.timeout(60), reading(requests(1, 2, 3), received.receive, received.at_end, asyncio.Event()):
        await received.ended.wait()
    assert (received.values, received.ends) == ([1, 2, 3], 1)


async def test_closing_ends_the_reading() -> None:
    """A server that closes ends the reading of a client that goes on."""
    received, closing = Received(), asyncio.Event()
    endless = requests(1, hold=asyncio.Event())
    async with asyncio.timeout(60), reading(endless, received.receive, received.at_end, closing):
        closing.set()
        await received.ended.wait()
    assert received.ends == 1


async def test_leaving_the_block_ends_the_reading() -> None:
    """Whoever has answered enough need not read on."""
    received = Received()
    endless = requests(1, hold=asyncio.Event())
    async with asyncio.timeout(60), reading(endless, received.receive, received.at_end, asyncio.Event()):
        pass
    assert received.ends == 0


async def test_a_wrong_request_ends_the_block() -> None:
    """What is wrong with a request is raised where it is answered, also in the middle of waiting."""
    received = Received()
    with pytest.raises(BaseExceptionGroup) as group:
        async with asyncio.timeout(60), reading(requests(-1), received.receive, received.at_end, asyncio.Event()):
            await asyncio.Event().wait()
    assert group.group_contains(InvalidArgumentError)


async def test_the_first_request() -> None:
    """The first request is taken, the rest stays, and an empty stream is refused."""
    stream = requests(1, 2)
    assert await first_request(stream) == 1
    assert [value async for value in stream] == [2]
    with pytest.raises(InvalidArgumentError):
        await first_request(requests())
