"""Reading the requests of a stream beside answering them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from livetranslate.errors import InvalidArgumentError

Request = TypeVar("Request")


@asynccontextmanager
async def reading(
    requests: AsyncIterator[Request],
    receive: Callable[[Request], Awaitable[None]],
    at_end: Callable[[], None],
    closing: asyncio.Event,
) -> AsyncIterator[None]:
    """Hand each request to `receive` while the block runs; `receive` may wait, and the client then waits too.

    `at_end` is called once: at the client's half-close, or when the server is `closing`, which ends the reading. A
    request that was taken is received to its end before that.
    """
    receiving = asyncio.Lock()

    async def read() -> None:
        async for request in requests:
            async with receiving:
                await receive(request)
        close.cancel()
        at_end()

    async def end_when_closing() -> None:
        await closing.wait()
        async with receiving:
            read_task.cancel()
        at_end()

    async with asyncio.TaskGroup() as tasks:
        read_task = tasks.create_task(read())
        close = tasks.create_task(end_when_closing())
        try:
            yield
        finally:
            read_task.cancel()
            close.cancel()


async def first_request(requests: AsyncIterator[Request]) -> Request:
    """The first request of a stream.

    Raises:
        InvalidArgumentError: The client closed the stream without sending one.
    """
    async for request in requests:
        return request
    raise InvalidArgumentError("CONFIG_EXPECTED", "The stream was empty. Send `config` first.")
