import asyncio
from collections.abc import AsyncIterator

import pytest

from livetranslate.cli.flow import paced, until


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield bytes(size)


async def test_paced_keeps_time() -> None:
    """A chunk passes when its last sample would have been spoken, and time lost is made up for."""
    now, passed = 0.0, []

    def clock() -> float:
        return now

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async for _ in paced(chunks(100, 100, 50), bytes_per_second=100, clock=clock, sleep=sleep):
        passed.append(now)
        now += 0.9  # the server takes its time
    assert passed == pytest.approx([1.0, 2.0, 2.9])


async def test_until_stops_while_waiting() -> None:
    """Once stopped, the stream ends, also when the next chunk would never come."""
    stop, first_came = asyncio.Event(), asyncio.Event()

    async def microphone() -> AsyncIterator[bytes]:
        yield b"x"
        first_came.set()
        await asyncio.Event().wait()

    async def read() -> list[bytes]:
        return [chunk async for chunk in until(stop, microphone())]

    reading = asyncio.create_task(read())
    await first_came.wait()
    stop.set()
    assert await reading == [b"x"]


async def test_until_ends_with_the_source() -> None:
    """A source that ends by itself needs no stop."""
    assert [len(chunk) async for chunk in until(asyncio.Event(), chunks(3, 4))] == [3, 4]
