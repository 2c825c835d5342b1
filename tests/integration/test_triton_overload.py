"""More work than a real Triton can do, in the queues that engines really have: what gives way, what does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from asr.hypothesis import Hypothesis
from asr.session import DecodeStep
from asr.window_recognizer import WindowRecognizer
from livetranslate.errors import LiveTranslateError, ResourceExhaustedError
from livetranslate.model_queues import ModelQueues
from livetranslate.models import Model
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.tensors import Value
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TritonClient
from mt.inference import Inference
from mt.job import Job, JobKind, Route, RouteModel, Segment
from mt.settings import MtSettings
from tests.slow_triton import slow_triton

REPOSITORY = Path(__file__).parents[2] / "model_repository"
BATCH_SECONDS = 0.2
LASTING_SECONDS = 6.0
WINDOW = np.zeros(SAMPLE_RATE_HERTZ, np.int16)

Slow = tuple[TritonClient, Model, Path]
"""A client of a slow model, and the file that makes it hurry."""


@dataclass
class Counts:
    """What became of the pieces of work of one kind."""

    answered_seconds: list[float] = field(default_factory=list)
    refused: int = 0

    async def count(self, work: Callable[[], Awaitable[bool]]) -> None:
        """Counts a piece of work, which says whether it was done."""
        began = time.monotonic()
        if await work():
            self.answered_seconds.append(time.monotonic() - began)
        else:
            self.refused += 1

    @property
    def share_refused(self) -> float:
        return self.refused / (self.refused + len(self.answered_seconds))


async def overload(
    final: Callable[[], Awaitable[bool]], partial: Callable[[], Awaitable[bool]], *, speakers: int
) -> tuple[Counts, Counts]:
    """Has so many speakers ask for something a second each, every fourth time for something final."""
    finals, partials = Counts(), Counts()
    until = time.monotonic() + LASTING_SECONDS

    async def speak(number: int) -> None:
        await asyncio.sleep(number / speakers)  # nobody speaks in step with the others
        turn = number
        while time.monotonic() < until:
            turn += 1
            pause = asyncio.create_task(asyncio.sleep(1.0))
            await (partials.count(partial) if turn % 4 else finals.count(final))
            await pause

    async with asyncio.TaskGroup() as tasks:
        for number in range(speakers):
            tasks.create_task(speak(number))
    return finals, partials


def check_partials_gave_way(finals: Counts, partials: Counts) -> None:
    """Checks that everything final was done soon, and that most of the rest was not."""
    assert finals.refused == 0
    assert len(finals.answered_seconds) > 50
    assert max(finals.answered_seconds) < 10 * BATCH_SECONDS
    assert partials.share_refused > 0.3


@pytest.fixture(params=["asr_whisper", "asr_whisper_openvino"])
async def windows(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Slow]:
    """A recognizer with the queues of one that there is: 40 windows a second."""
    with slow_triton(REPOSITORY / request.param, BATCH_SECONDS, tmp_path) as (triton, hurry):
        client = TritonClient(triton.grpc_address)
        (model,) = await client.models("asr")
        yield client, model, hurry
        await client.close()


@pytest.fixture
async def clauses(tmp_path: Path) -> AsyncIterator[Slow]:
    """A translator with the queues of one that there is: 80 clauses a second."""
    with slow_triton(REPOSITORY / "mt_apertium", BATCH_SECONDS, tmp_path) as (triton, hurry):
        client = TritonClient(triton.grpc_address)
        (model,) = await client.models("mt")
        yield client, model, hurry
        await client.close()


async def test_partial_windows_give_way_to_final_ones(windows: Slow) -> None:
    """With three times the windows that the model can look at: Triton answers each final one, and soon."""
    client, model, _ = windows
    recognizer = WindowRecognizer(client, model, timeout_seconds=10, patience_seconds=30)
    queues = ModelQueues(client)
    await queues.wait_seconds()

    def look(*, is_end: bool) -> Callable[[], Awaitable[bool]]:
        step = DecodeStep(0, 0, WINDOW, is_start=True, is_end=is_end, decoder_state=b"", language="en")

        async def recognize() -> bool:
            hypothesis: Hypothesis = await recognizer.recognize(step, "")
            return not hypothesis.is_missing

        return recognize

    finals, partials = await overload(look(is_end=True), look(is_end=False), speakers=120)
    check_partials_gave_way(finals, partials)
    assert await queues.wait_seconds() > 0.3  # whoever decides upon new sessions can tell


async def test_drafts_give_way_to_clauses(clauses: Slow) -> None:
    """With three times the texts that the model can translate: each clause is translated, and soon."""
    client, model, _ = clauses
    inference = Inference(client, MtSettings())
    queues = ModelQueues(client)
    await queues.wait_seconds()
    way = RouteModel(model.name, "en", "es")

    def text(kind: JobKind) -> Callable[[], Awaitable[bool]]:
        async def translate() -> bool:
            job = Job(Segment("1", 1, "good"), Route("es", (way,)), "good", kind)
            try:
                await inference.ask(way, job, job.text)
            except LiveTranslateError:
                return False
            return True

        return translate

    finals, partials = await overload(text(JobKind.CLAUSE), text(JobKind.DRAFT), speakers=240)
    check_partials_gave_way(finals, partials)
    assert await queues.wait_seconds() > 0.3


async def test_a_queue_of_finals_is_bounded(windows: Slow) -> None:
    """Of far more final windows than may wait the last are refused at once, and all others are answered."""
    client, model, hurry = windows
    inputs: dict[str, Value] = {"AUDIO": WINDOW, "LENGTH": np.ones(1, np.int32), "LANGUAGE": ["en"]}

    async def look(priority: int) -> bool:
        try:
            await client.infer(model.name, inputs, timeout_seconds=60, priority=priority)
        except ResourceExhaustedError:
            hurry.touch()
            return False
        return True

    async def keep_awake() -> None:  # Triton 2.51 sleeps for half a second after a batch when nothing else comes
        while True:
            others.append(asyncio.create_task(look(DRAFT_PRIORITY)))
            await asyncio.sleep(0.02)

    others: list[asyncio.Task[bool]] = []
    awake = asyncio.create_task(keep_awake())
    answered = await asyncio.gather(*(look(FINAL_PRIORITY) for _ in range(1_100)))
    awake.cancel()
    await asyncio.gather(*others)
    assert 1_024 <= sum(answered) < 1_100
