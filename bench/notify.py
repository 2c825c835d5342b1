"""What PostgreSQL's NOTIFY carries: messages a second that four listeners hear, on the embedded server.

`python -m bench.notify` tells where the session bus (`gateway.store.bus`) has its limit on this machine.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from bench.machine import machine_facts
from bench.report import write_results
from gateway.store.notify import CHANNEL, notify_all
from livetranslate.stack.postgres import Postgres

_HEARD_SECONDS = 20.0  # for the last message to arrive


@dataclass(frozen=True, slots=True)
class Case:
    """How messages are sent."""

    message_bytes: int
    messages_per_transaction: int
    writer_count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it; every listener heard every message."""

    case: Case
    listener_count: int
    messages_per_second: int


CASES = (Case(120, 1, 1), Case(120, 1, 4), Case(120, 20, 1), Case(2_000, 1, 1), Case(2_000, 20, 1), Case(7_800, 20, 1))


class Listener:
    """Counts what it hears."""

    def __init__(self) -> None:
        self._count = 0
        self._expected = 0
        self._is_complete = asyncio.Event()

    def receive(self, *_: object) -> None:
        self._count += 1
        if self._count == self._expected:
            self._is_complete.set()

    async def heard(self, count: int) -> None:
        """Wait until it has heard so many."""
        self._expected = count
        if self._count < count:
            await self._is_complete.wait()


async def measure(url: str, case: Case, listener_count: int, seconds: float) -> Figures:
    """Send for a while, as fast as it goes, until everybody has heard everything."""
    connections = [await asyncpg.connect(url) for _ in range(listener_count + case.writer_count)]
    listeners = [Listener() for _ in range(listener_count)]
    for connection, listener in zip(connections, listeners, strict=False):  # the others write
        await connection.add_listener(CHANNEL, listener.receive)
    start = time.monotonic()
    sent = sum(await asyncio.gather(*(_write(one, case, start + seconds) for one in connections[listener_count:])))
    async with asyncio.timeout(_HEARD_SECONDS):
        await asyncio.gather(*(listener.heard(sent) for listener in listeners))
    rate = round(sent / (time.monotonic() - start))
    for connection in connections:
        await connection.close()
    return Figures(case, listener_count, rate)


async def _write(connection: "asyncpg.Connection[asyncpg.Record]", case: Case, end: float) -> int:
    """Send until a moment; the number of messages."""
    sent = 0
    while time.monotonic() < end:
        numbers = range(sent, sent + case.messages_per_transaction)  # equal messages would be sent once
        await notify_all(connection, [f"{number} ".ljust(case.message_bytes, "x") for number in numbers])
        sent += case.messages_per_transaction
    return sent


def notify_table(figures: Sequence[Figures]) -> Table:
    """Each case in a row."""
    table = Table("bytes", "in a transaction", "writers", "messages/s", title="NOTIFY")
    for figure in figures:
        case = figure.case
        values = (case.message_bytes, case.messages_per_transaction, case.writer_count, figure.messages_per_second)
        table.add_row(*map(str, values))
    return table


def main(
    listeners: Annotated[int, typer.Option(help="Replicas that listen.", min=1)] = 4,
    seconds: Annotated[float, typer.Option(help="How long each case is sent.")] = 5.0,
) -> None:
    """Measure what the session bus can carry."""
    facts = machine_facts()
    with TemporaryDirectory(prefix="livetranslate-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, Postgres runs as a user of its own and has to get through
        server = Postgres.start(Path(folder) / "data")
        try:
            figures = [asyncio.run(measure(server.url, case, listeners, seconds)) for case in CASES]
        finally:
            server.stop()
    console = Console(width=120)  # also where the output goes to a file
    console.print(notify_table(figures))
    path = write_results("notify", {"machine": facts, "figures": figures})
    console.print(f"Written to {path}")


if __name__ == "__main__":
    typer.run(main)
