"""How audio flows: at its own speed, until told to stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal


async def paced(
    chunks: AsyncIterator[bytes],
    bytes_per_second: int,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[bytes]:
    """Yields each chunk when a speaker would have finished saying it."""
    start, passed_bytes = clock(), 0
    async for chunk in chunks:
        passed_bytes += len(chunk)
        await sleep(max(0.0, start + passed_bytes / bytes_per_second - clock()))
        yield chunk


async def until(stop: asyncio.Event, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yields chunks until `stop` is set, also while the next one is still awaited."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while (chunk := await _first(asyncio.ensure_future(anext(chunks, None)), stopping)) is not None:
            yield chunk
    finally:
        stopping.cancel()


async def _first(coming: asyncio.Future[bytes | None], stopping: asyncio.Future[Literal[True]]) -> bytes | None:
    try:
        await asyncio.wait((coming, stopping), return_when=asyncio.FIRST_COMPLETED)
        return None if stopping.done() else coming.result()
    finally:
        coming.cancel()
