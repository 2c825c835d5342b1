"""How long work waits for the models behind Triton, of those that this process asks.

Triton counts how long the requests that it answered had waited, and says nothing of those that it refused because a
queue was full or they had waited for too long. These are counted here: under pressure what is answered may well have
gone first, while all the rest is turned away.
"""

from collections.abc import Iterable, Mapping

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from livetranslate import names
from livetranslate.errors import LiveTranslateError
from livetranslate.metrics import METER, gauge
from livetranslate.tally import Queued, Tally
from livetranslate.triton import TritonClient

REFUSED_SECONDS = 1.0
"""What a refused request counts for: as long as partial results wait before they are turned away."""


class ModelQueues:
    """The queues of a process' models, looked at again and again."""

    def __init__(self, triton: TritonClient, meter: Meter = METER) -> None:
        """Know nothing yet."""
        self._triton = triton
        self._queued: Mapping[str, Queued] = {}
        self._tallies: dict[str, Tally] = {}
        self._waits: dict[str, float] = {}
        gauge(names.QUEUE_WAIT, self._observe, meter)

    async def wait_seconds(self) -> float:
        """How long requests have waited since the last look, of the model that is worst off (a `QueueWait`).

        It is a mean; 0 while Triton does not answer, for that is not pressure, and the breaker tells it.
        """
        try:
            queued = await self._triton.queued()
        except LiveTranslateError:
            self._waits = {}
            return 0.0
        tallies = {model: tally.copy() for model, tally in self._triton.tallies.items()}
        self._waits = {model: self._wait(model, queued.get(model), tally) for model, tally in tallies.items()}
        self._queued, self._tallies = queued, tallies
        return max(self._waits.values(), default=0.0)

    def _wait(self, model: str, queued: Queued | None, tally: Tally) -> float:
        tally_before = self._tallies.get(model, Tally())
        now = queued or Queued()
        before = self._queued.get(model, now)
        count = max(0, now.count - before.count)  # of a model that was loaded anew it is less than before
        ended = tally.ended - tally_before.ended
        if not count and not ended:  # nothing has come out: what went in waits as what came before it did
            return self._waits.get(model, 0.0) if tally.asked > tally.ended else 0.0
        waited_seconds = max(0.0, now.seconds - before.seconds) / count if count else 0.0
        entered = tally.entered - tally_before.entered
        waited_seconds += (tally.waited_seconds - tally_before.waited_seconds) / entered if entered else 0.0
        refused = (tally.refused - tally_before.refused) / ended if ended else 0.0
        return waited_seconds * (1 - refused) + REFUSED_SECONDS * refused

    def _observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(seconds, {names.MODEL: model}) for model, seconds in self._waits.items()]
