import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from asr.audio_buffer import Samples
from asr.classifier import Classifier
from asr.vad import Heard, Unheard


def frame(level: int) -> Samples:
    return np.full(512, level, np.int16)


class Slow:
    """A detector that hears how loud each stream is, once it may, and remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.may_answer = threading.Event()

    def classify_together(self, streams: Sequence[Unheard]) -> list[Heard]:
        self.batches.append(len(streams))
        self.may_answer.wait()
        return [[(float(samples[0]), state)] for samples, state in streams]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


async def begun(slow: Slow, count: int) -> None:
    """Wait until so many batches have begun."""
    async with asyncio.timeout(10):
        while len(slow.batches) < count:  # noqa: ASYNC110 - it happens in another thread
            await asyncio.sleep(0.001)


async def test_streams_that_wait_are_heard_together(threads: ThreadPoolExecutor) -> None:
    """While a batch is being heard, the others gather; each stream gets its own answer."""
    slow = Slow()
    classifier = Classifier(slow.classify_together, threads)
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(classifier.classify(frame(7), b"7"))
        await begun(slow, 1)
        others = [tasks.create_task(classifier.classify(frame(level), str(level).encode())) for level in range(5)]
        await asyncio.sleep(0)
        slow.may_answer.set()
    assert slow.batches == [1, 5]
    assert first.result() == [(7.0, b"7")]
    assert [other.result() for other in others] == [[(float(level), str(level).encode())] for level in range(5)]


async def test_a_batch_is_bounded(threads: ThreadPoolExecutor) -> None:
    """However many streams wait, no batch has more than a hundred; the rest are heard after it."""
    slow = Slow()
    slow.may_answer.set()
    classifier = Classifier(slow.classify_together, threads)
    answers = await asyncio.gather(*(classifier.classify(frame(level), b"") for level in range(250)))
    assert [heard[0][0] for heard in answers] == list(range(250))
    assert sum(slow.batches) == 250
    assert max(slow.batches) == 100


async def test_who_has_left_spoils_nothing(threads: ThreadPoolExecutor) -> None:
    """A stream that is cancelled while it waits leaves the others their answers."""
    slow = Slow()
    classifier = Classifier(slow.classify_together, threads)
    leaving, staying = (asyncio.ensure_future(classifier.classify(frame(level), b"")) for level in (1, 2))
    await begun(slow, 1)
    leaving.cancel()
    slow.may_answer.set()
    assert await staying == [(2.0, b"")]
    assert await classifier.classify(frame(3), b"") == [(3.0, b"")]
    assert leaving.cancelled()


async def test_who_has_left_is_not_heard(threads: ThreadPoolExecutor) -> None:
    """Where all have left before they were heard, as at the end of the process, its threads are not needed any more."""
    uncaught: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: uncaught.append(context))
    slow = Slow()
    slow.may_answer.set()
    classifier = Classifier(slow.classify_together, threads)
    await classifier.classify(frame(1), b"")
    leaving = [asyncio.create_task(classifier.classify(frame(level), b"")) for level in range(3)]
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    threads.shutdown()
    await asyncio.sleep(0.1)  # five ticks: nothing tells that nothing happens
    assert slow.batches == [1]
    assert not uncaught


async def test_a_failure_is_told(threads: ThreadPoolExecutor) -> None:
    """Where the detector fails, all of the batch hear of it, and the next one is tried again."""
    fails = [True]

    def classify_together(streams: Sequence[Unheard]) -> list[Heard]:
        if fails.pop():
            raise MemoryError
        return [[(0.5, b"")] for _ in streams]

    classifier = Classifier(classify_together, threads)
    failed = await asyncio.gather(*(classifier.classify(frame(1), b"") for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in failed] == [MemoryError] * 3
    fails.append(False)
    assert await classifier.classify(frame(1), b"") == [(0.5, b"")]
