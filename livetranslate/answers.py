"""What the tasks of a stream send, yielded by one generator."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import TypeVar

Answer = TypeVar("Answer")


async def answers_of(
    work: Callable[[Callable[[Answer], Awaitable[None]]], Coroutine[None, None, None]], *, size: int
) -> AsyncGenerator[Answer, None]:
    """Run `work(send)` in a task of its own and yield what it sends; its error is raised after that.

    A generator must not yield inside a `TaskGroup`: a task that fails would cancel whoever awaits the generator,
    and its error would be lost (PEP 789). So the group lives in `work`, and here is nothing but a queue.

    Args:
        work: Ends when there is nothing more to send; cancelled when the generator is closed.
        size: Answers that may wait for a slow reader; then `send` waits, and with it whoever produces.
    """
    room = asyncio.Semaphore(size)
    waiting: asyncio.Queue[Answer | None] = asyncio.Queue()  # bounded by `room`; None is the end

    async def send(answer: Answer) -> None:
        await room.acquire()
        waiting.put_nowait(answer)

    task = asyncio.ensure_future(work(send))
    task.add_done_callback(lambda _: waiting.put_nowait(None))
    try:
        while (answer := await waiting.get()) is not None:
            room.release()
            yield answer
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
