"""An event loop in a thread of its own: the main thread starts and stops processes, which must not wait for it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


class Background:
    """A running event loop, for other threads to use."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Used by `background`."""
        self._loop = loop

    def start(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Begin work there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do work there and wait for it."""
        return self.start(work).result()

    def call(self, function: Callable[[], Result]) -> Result:
        """Call something there that does not wait."""

        async def call() -> Result:
            return function()

        return self.run(call())


@contextmanager
def background() -> Iterator[Background]:
    """An event loop while the block runs; what is unfinished at its end is cancelled."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="background")
    thread.start()
    running = Background(loop)
    try:
        yield running
    finally:
        running.run(_cancel_others())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
