"""What the tasks of a stream send, yielded by one generator."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from livetranslate.answers import answers_of

Send = Callable[[int], Awaitable[None]]


async def test_an_error_comes_after_the_answers() -> None:
    """What was sent before a task failed is still yielded; then the task's own error is raised."""

    async def fail() -> None:
        raise ValueError("told")

    async def work(send: Send) -> None:
        async with asyncio.TaskGroup() as tasks:
            await send(1)
            await send(2)
            tasks.create_task(fail())

    received = []

    async def receive() -> None:
        async for answer in answers_of(work, size=4):
            received.append(answer)
            await asyncio.sleep(0)  # a slow reader: the task fails while it is busy

    with pytest.raises(ExceptionGroup) as caught:
        await receive()
    assert received == [1, 2]
    assert [str(error) for error in caught.value.exceptions] == ["told"]


async def test_a_slow_reader_holds_the_work_back() -> None:
    """No more answers wait than allowed."""
    sent: list[int] = []

    async def work(send: Send) -> None:
        for number in range(100):
            await send(number)
            sent.append(number)

    async with aclosing(answers_of(work, size=3)) as answers:
        await anext(answers)
        for _ in range(20):
            await asyncio.sleep(0)  # a turn for everybody
        assert len(sent) == 4, "one was read and three wait"


async def test_closing_ends_the_work() -> None:
    """A generator that is closed has cancelled its work, and the work has cleaned up."""
    is_clean = asyncio.Event()

    async def work(send: Send) -> None:
        try:
            await send(1)
            await asyncio.Future()
        finally:
            is_clean.set()

    async with aclosing(answers_of(work, size=1)) as answers:
        await anext(answers)
    assert is_clean.is_set()
