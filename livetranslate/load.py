"""How busy a service is: two figures that say, before anything is late, that it soon will be."""

import math
from collections import deque
from dataclasses import dataclass

REMEMBERED_SECONDS = 2.0
"""What was measured longer ago does not count: one late moment is forgotten soon."""

_SHARE = 0.95  # by nearest rank: of the forty ticks of two seconds all but two, which may be garbage collections


@dataclass(frozen=True, slots=True)
class Load:
    """What a service has measured in the last seconds.

    Attributes:
        queue_wait_seconds: How long work waited before a model took it, of the model that is worst off.
        loop_delay_seconds: How late the event loop came to what was due: all but the worst twentieth of the times.
    """

    queue_wait_seconds: float = 0.0
    loop_delay_seconds: float = 0.0


class Recent:
    """What was measured in the last seconds, at most a few dozen values a second."""

    def __init__(self) -> None:
        """Know nothing."""
        self._values: deque[tuple[float, float]] = deque(maxlen=256)  # of two seconds: bounded, however often

    def add(self, value: float, now_seconds: float) -> None:
        """Remember a value for a while."""
        self._values.append((now_seconds, value))

    def highest(self, now_seconds: float) -> float:
        """The highest value; 0 where there is none."""
        return max(self._at(now_seconds), default=0.0)

    def percentile(self, now_seconds: float) -> float:
        """The value that 95 % of them do not exceed, of fewer than twenty the highest; 0 where there is none."""
        values = sorted(self._at(now_seconds))
        return values[math.ceil(_SHARE * len(values)) - 1] if values else 0.0

    def _at(self, now_seconds: float) -> list[float]:
        while self._values and self._values[0][0] < now_seconds - REMEMBERED_SECONDS:
            self._values.popleft()
        return [value for _, value in self._values]
