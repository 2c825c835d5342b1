"""Reads blocking audio sources for asyncio."""

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

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


def asynchronous(audio: AsyncIterable[bytes] | Iterable[bytes]) -> AsyncIterable[bytes]:
    """Makes any audio one to read with `async for`."""
    return audio if isinstance(audio, AsyncIterable) else in_thread(audio)


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
