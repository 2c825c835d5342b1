"""Ctrl-C in two steps: the first asks politely, the second ends the process."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_first_interrupt(ask: Callable[[], None]) -> Iterator[None]:
    """Calls `ask` on the first Ctrl-C inside; the next one raises KeyboardInterrupt."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        ask()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
