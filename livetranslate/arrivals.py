"""When audio came in, so that lag behind real time can be told for any place in it."""

from bisect import bisect_left
from collections import deque

from livetranslate.samples import samples_of_ms

_STEP_SAMPLES = samples_of_ms(100)  # the resolution kept
_KEPT = 600  # one minute: nothing waits longer, and memory stays constant


class Arrivals:
    """The arrival times of the last minute of audio, to a tenth of a second."""

    def __init__(self, start_sample: int = 0) -> None:
        """Begin at the sample that comes next."""
        self._samples: deque[int] = deque([start_sample], maxlen=_KEPT)
        self._times: deque[float] = deque(maxlen=_KEPT)

    def receive(self, end_sample: int, now: float) -> None:
        """Audio up to `end_sample` has come in at `now`."""
        if not self._times:
            self._times.append(now)
        if end_sample - self._samples[-1] < _STEP_SAMPLES and len(self._samples) > 1:
            return
        self._samples.append(end_sample)
        self._times.append(now)

    def lag(self, end_sample: int, now: float) -> float:
        """Seconds from the arrival of the audio before `end_sample` until `now`."""
        if not self._times:
            return 0.0
        index = min(bisect_left(self._samples, end_sample), len(self._times) - 1)
        return max(0.0, now - self._times[index])
