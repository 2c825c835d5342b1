import threading
from collections.abc import Iterator

import pytest

from livetranslate.client.reading import in_thread


async def test_thread_hands_over_everything() -> None:
    """All chunks come through, in order, without holding up the loop's thread."""
    threads = set()

    def source() -> Iterator[bytes]:
        for number in range(5):
            threads.add(threading.current_thread().name)
            yield bytes([number])

    assert [chunk async for chunk in in_thread(source())] == [b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"]
    assert threads == {"audio-source"}


async def test_thread_reads_only_what_is_wanted() -> None:
    """The source is asked for a chunk only when somebody waits for it."""
    drawn = []

    def source() -> Iterator[bytes]:
        for number in range(100):
            drawn.append(number)
            yield bytes([number])

    audio = in_thread(source())
    await anext(audio)
    await anext(audio)
    assert drawn == [0, 1]


async def test_thread_passes_errors_on() -> None:
    """An error of the source is raised to the reader."""

    def source() -> Iterator[bytes]:
        yield b"x"
        raise OSError("unplugged")

    audio = in_thread(source())
    assert await anext(audio) == b"x"
    with pytest.raises(OSError, match="unplugged"):
        await anext(audio)
