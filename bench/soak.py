"""Nothing grows and no clock drifts: long sessions, half of them silence, and one that never says a word.

`python -m bench.soak` feeds an hour of audio to each session, faster than it would be spoken: with models that cost
nothing, everything else takes audio as fast as it can. So what a second of audio or a segment costs in memory shows as
in an hour; what a second of waiting would cost does not.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.growth import Growth, Sample, growths, sample
from bench.ledger import Ledger
from bench.machine import machine_facts
from bench.report import write_results
from bench.speech import CHUNK_BYTES, CHUNK_MS, CHUNK_SAMPLES, chunks, recording
from bench.system import BESIDE, SERVICES, running_system
from livetranslate.client import AsyncClient
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ

AIM_MIB_PER_HOUR = 1.0  # for each session, in each process
MAX_WARM_UP_SECONDS = 600.0
SILENT = "silent"

_TARGET = "es"
_BLOCK_CHUNKS = 100
_MAX_AHEAD_SAMPLES = 30 * SAMPLE_RATE_HERTZ
_BLOCK_SECONDS = _BLOCK_CHUNKS * CHUNK_MS / 1000
_NOISE_AMPLITUDE = 120  # -54 dBFS: just loud enough for the voice activity detector to be asked
_SAMPLE_INTERVAL_SECONDS = 0.5
_MESSAGE_BYTES = 5 * CHUNK_BYTES


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak found."""

    minutes: float
    wall_seconds: float
    warm_up_seconds: float
    sessions: Mapping[str, Ledger]
    processes: Mapping[str, Growth]

    @property
    def compression(self) -> float:
        """How much faster than real time the audio was dealt with."""
        return self.minutes * 60 / self.wall_seconds


def soak(minutes: float, talking_count: int) -> Soaked:
    """Play `talking_count` sessions of half silence and one of nothing else; call it on the main thread."""
    ledgers = {SILENT: Ledger(), **{f"talking-{number}": Ledger() for number in range(1, talking_count + 1)}}
    with running_system() as stack:
        pids = {name: stack.parts[name].pid for name in (*SERVICES, *BESIDE)}
        start = time.monotonic()
        samples = asyncio.run(_play(stack.gateway_address, pids, ledgers, minutes))
        wall_seconds = time.monotonic() - start
    warm_up_seconds = min(MAX_WARM_UP_SECONDS, minutes * 60 / 3)
    return Soaked(minutes, round(wall_seconds, 1), warm_up_seconds, ledgers, growths(samples, warm_up_seconds))


async def _play(
    address: str, pids: Mapping[str, int], ledgers: Mapping[str, Ledger], minutes: float
) -> dict[str, list[Sample]]:
    """Play all sessions to their end, looking at the processes while they speak."""
    samples: dict[str, list[Sample]] = {name: [] for name in pids}
    block_count = round(minutes * 60 / _BLOCK_SECONDS)
    in_step = asyncio.Barrier(len(ledgers))
    async with asyncio.TaskGroup() as tasks:
        playing = []
        for number, (name, ledger) in enumerate(ledgers.items()):
            blocks = _silence(number) if name == SILENT else _half_silence(number)
            playing.append(tasks.create_task(_play_session(address, ledger, islice(blocks, block_count), in_step)))
        while not any(session.done() for session in playing):
            await asyncio.wait(playing, timeout=_SAMPLE_INTERVAL_SECONDS)
            audio_seconds = min(ledger.checkpoint for ledger in ledgers.values()) / SAMPLE_RATE_HERTZ
            for name, pid in pids.items():
                samples[name].append(sample(pid, audio_seconds))
    return samples


async def _play_session(address: str, ledger: Ledger, blocks: Iterator[bytes], in_step: asyncio.Barrier) -> None:
    """Send block after block, and count what comes back."""
    news = asyncio.Event()

    async def messages() -> AsyncIterator[bytes]:
        for block in blocks:
            await in_step.wait()  # otherwise silence would be through before speech has begun
            while ledger.sent - ledger.checkpoint > _MAX_AHEAD_SAMPLES:  # and buffers would hold most of it
                news.clear()
                await news.wait()
            for start in range(0, len(block), _MESSAGE_BYTES):
                message = block[start : start + _MESSAGE_BYTES]
                ledger.sent += len(message) // BYTES_PER_SAMPLE
                yield message

    async with AsyncClient(address) as client:
        async for event in client.translate(messages(), source="en", targets=[_TARGET], speech=[_TARGET]):
            ledger.receive(event)
            news.set()


def _half_silence(number: int) -> Iterator[bytes]:
    """Blocks of speech and of silence in turn."""
    speech = chunks(recording(), number * _BLOCK_CHUNKS)
    for silence in _silence(number):
        yield b"".join(islice(speech, _BLOCK_CHUNKS))
        yield silence


def _silence(number: int) -> Iterator[bytes]:
    """Blocks of digital silence and of faint noise, which asr tells from speech in different ways."""
    for index in count(number):
        yield bytes(_BLOCK_CHUNKS * CHUNK_BYTES) if index % 2 else _noise()


@cache
def _noise() -> bytes:
    amplitudes = np.random.default_rng(0).uniform(-_NOISE_AMPLITUDE, _NOISE_AMPLITUDE, _BLOCK_CHUNKS * CHUNK_SAMPLES)
    return amplitudes.astype(np.int16).tobytes()


def process_table(soaked: Soaked) -> Table:
    """What became of each process."""
    table = Table(
        "process",
        title=f"{soaked.minutes:g} minutes of audio in each of {len(soaked.sessions)} sessions, "
        f"{soaked.compression:.1f} times as fast as spoken",
    )
    headings = ("MiB, warm", "at the end", f"MiB / h and session (aim: {AIM_MIB_PER_HOUR:g})", "open files", "threads")
    for heading in headings:
        table.add_column(heading, justify="right")
    for name, growth in soaked.processes.items():
        table.add_row(
            name,
            *(f"{figure:.1f}" for figure in growth.own_mib),
            f"{growth.mib_per_hour / len(soaked.sessions):.2f}",
            *(f"{first} → {last}" for first, last in (growth.file_count, growth.thread_count)),
        )
    return table


def session_table(sessions: Mapping[str, Ledger]) -> Table:
    """What became of each session's samples."""
    columns: Sequence[tuple[str, str]] = (
        ("samples sent", "sent"),
        ("drift", "drift"),
        ("speech", "speech"),
        ("silence", "silence"),
        ("neither or both", "unaccounted"),
        ("segments", "segment_count"),
    )
    table = Table("session")
    for heading, _ in columns:
        table.add_column(heading, justify="right")
    for name, ledger in sessions.items():
        table.add_row(name, *(f"{getattr(ledger, attribute):,}" for _, attribute in columns))
    return table


def main(
    minutes: Annotated[float, typer.Option(help="Audio in each session.", min=0.5)] = 60.0,
    talking: Annotated[int, typer.Option(help="Sessions that speak half of the time.", min=1)] = 3,
) -> None:
    """Look for what grows and for clocks that drift."""
    facts = machine_facts()
    soaked = soak(minutes, talking)
    console = Console(width=130)  # also where the output goes to a file
    console.print(process_table(soaked), session_table(soaked.sessions))
    print(f"Written to {write_results('soak', {'machine': facts, 'soak': soaked})}")


if __name__ == "__main__":
    typer.run(main)
