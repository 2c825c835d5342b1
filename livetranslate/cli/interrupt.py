"""Ctrl-C in two steps: the first asks politely, the second ends the command."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_first_interrupt(ask: Callable[[], None]) -> Iterator[None]:
    """Calls `ask` on the first Ctrl-C inside; the next one cancels the task and raises KeyboardInterrupt.

    Both are handled by the event loop: an exception out of a signal handler could be raised, and lost, inside gRPC.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    interrupts = 0

    def interrupted() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts == 1:
            ask()
        elif task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    except asyncio.CancelledError:
        if interrupts > 1:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
