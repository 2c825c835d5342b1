import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.chaos.proxy import Proxy

PATIENCE_SECONDS = 5

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what was asked, until the other side ends."""
    try:
        while piece := await reader.read(1024):
            writer.write(piece)
    except ConnectionResetError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[Proxy]:
    """A proxy before an echo that listens on a Unix socket."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        server = await asyncio.start_unix_server(echo, tmp_path / "socket")
        proxy = await Proxy.start(str(tmp_path / "socket"))
        yield proxy
        await proxy.aclose()
        server.close()


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[Streams]:
    host, _, port = proxy.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    yield reader, writer
    writer.close()


async def ask(streams: Streams, question: bytes) -> bytes:
    reader, writer = streams
    writer.write(question)
    return await reader.readexactly(len(question))


async def test_it_passes_on_both_ways_and_knows_its_load(proxy: Proxy) -> None:
    """What goes in comes out, and counts once on its way there and once on its way back."""
    async with connected(proxy) as streams:
        assert proxy.load == 0
        assert await ask(streams, bytes(1000)) == bytes(1000)
        assert 1000 < proxy.load <= 2000


async def test_a_reset_breaks_connections_and_takes_new_ones(proxy: Proxy) -> None:
    """Whoever is connected gets an error, not an end; whoever comes later is served."""
    async with connected(proxy) as streams:
        await ask(streams, b"there?")
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await streams[0].read(1)
    async with connected(proxy) as streams:
        assert await ask(streams, b"again?") == b"again?"


async def test_a_black_hole_answers_once_it_is_none_any_more(proxy: Proxy) -> None:
    """Nothing comes back while it swallows, and everything afterwards, also for those who came meanwhile."""
    async with connected(proxy) as before:
        await ask(before, b"there?")
        proxy.swallow()
        async with connected(proxy) as meanwhile:
            answers = [asyncio.create_task(ask(streams, b"lost?")) for streams in (before, meanwhile)]
            assert await asyncio.wait(answers, timeout=0.2) == (set(), set(answers))
            proxy.release()
            assert await asyncio.gather(*answers) == [b"lost?", b"lost?"]


async def test_where_nobody_listens_the_connection_ends(proxy: Proxy, tmp_path: Path) -> None:
    """A part that is dead is known to be: what connects to it is closed at once."""
    proxy.upstream = str(tmp_path / "nobody")
    async with connected(proxy) as (reader, _):
        assert await reader.read(1) == b""


async def test_the_end_of_one_side_is_the_end_of_the_other(proxy: Proxy, tmp_path: Path) -> None:
    """A part that dies with connections open closes those of its clients."""
    ended = asyncio.Event()

    async def end(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async with await asyncio.start_unix_server(end, tmp_path / "mortal"):
        proxy.upstream = str(tmp_path / "mortal")
        async with connected(proxy) as (reader, _):
            ended.set()
            assert await reader.read(1) == b""
