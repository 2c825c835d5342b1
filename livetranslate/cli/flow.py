"""How audio flows from a blocking source into asyncio: in a thread, at its own speed, until told to stop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from queue import SimpleQueue
from typing import Literal, TypeVar

_T = TypeVar("_T")
_Chunk = asyncio.Future[bytes | None]


async def in_thread(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Reads a blocking iterable in a thread, one chunk ahead of nobody.

    The thread is a daemon of its own, not one of asyncio's pool, whose end the process would wait for: a read from the
    microphone or from standard input may last for ever.
    """
    wanted: SimpleQueue[_Chunk | None] = SimpleQueue()  # holds one at most: the next is wanted when the last has come
    threading.Thread(target=_read, args=(chunks, wanted), daemon=True, name="audio-source").start()
    loop = asyncio.get_running_loop()
    try:
        while True:
            chunk: _Chunk = loop.create_future()
            wanted.put(chunk)
            if (audio := await chunk) is None:
                return
            yield audio
    finally:
        wanted.put(None)


def _read(chunks: Iterable[bytes], wanted: SimpleQueue[_Chunk | None]) -> None:
    iterator = iter(chunks)
    while (chunk := wanted.get()) is not None:
        try:
            audio = next(iterator, None)
        except Exception as error:  # noqa: BLE001, the reader raises it
            _settle(chunk, chunk.set_exception, error)
        else:
            _settle(chunk, chunk.set_result, audio)


def _settle(chunk: _Chunk, settle: Callable[[_T], None], value: _T) -> None:
    def unless_cancelled() -> None:
        if not chunk.done():
            settle(value)

    with suppress(RuntimeError):  # the loop was closed while this read was waiting
        chunk.get_loop().call_soon_threadsafe(unless_cancelled)


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
