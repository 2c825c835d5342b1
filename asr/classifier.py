"""Gathers what the streams want to be heard, and has it heard together.

A frame costs a third among those of thirty streams of what it costs alone, and a thread is woken once for all of them.
So there is at most one batch per tick: a stream that comes when none has begun lately is heard at once, and under load
each waits for as long as a tick, at most, and gains from it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from functools import partial

from asr.audio_buffer import Samples
from asr.vad import Heard, Unheard

Classify = Callable[[Samples, bytes], Awaitable[Heard]]
"""Hears the next frames of one stream."""
ClassifyTogether = Callable[[Sequence[Unheard]], Sequence[Heard]]
"""Hears those of many streams: a function of its arguments alone, in any thread."""

_TICK_SECONDS = 0.02  # a fifth of what one message holds: fifty streams make batches of ten
_MAX_STREAMS = 100  # in a batch: 64 MB at most, where each is 2 s behind; further ones go into the next

_Waiting = tuple[Unheard, asyncio.Future[Heard]]


class Classifier:
    """One per process, on one event loop; the work is done in a thread."""

    def __init__(self, classify_together: ClassifyTogether, threads: Executor) -> None:
        """Begin with nothing to do."""
        self._classify_together = classify_together
        self._threads = threads
        self._waiting: list[_Waiting] = []  # bounded: a stream waits for its answer before it asks again
        self._is_busy = False  # whether a batch is being heard, or about to
        self._next_at = 0.0  # by the event loop's clock

    async def classify(self, samples: Samples, state: bytes) -> Heard:
        """Hear the next frames of one stream, with those of the others."""
        heard: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._waiting.append(((samples, state), heard))
        self._go_on()
        return await heard

    def _go_on(self) -> None:
        if self._waiting and not self._is_busy:
            self._is_busy = True
            asyncio.get_running_loop().call_at(self._next_at, self._begin)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._next_at = loop.time() + _TICK_SECONDS
        self._waiting = [waiting for waiting in self._waiting if not waiting[1].done()]  # the others have left
        if not self._waiting:
            self._is_busy = False
            return
        batch, self._waiting = self._waiting[:_MAX_STREAMS], self._waiting[_MAX_STREAMS:]
        running = loop.run_in_executor(self._threads, self._classify_together, [unheard for unheard, _ in batch])
        running.add_done_callback(partial(self._finish, batch))

    def _finish(self, batch: Sequence[_Waiting], running: "asyncio.Future[Sequence[Heard]]") -> None:
        self._is_busy = False
        error = running.exception()
        for number, (_, heard) in enumerate(batch):
            if heard.done():
                continue  # its stream has left
            if error is None:
                heard.set_result(running.result()[number])
            else:
                heard.set_exception(error)
        self._go_on()
