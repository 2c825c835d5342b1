"""How speech keeps up with the speaker, in the session's own time: the same for audio that comes as fast as it can.

A text is heard once what it translates has been said, and once the speech before is over. The further behind that is,
the faster it is spoken; a text that would begin too far behind is left out. Leaving out one text wins back all the
time in which the speaker said what it translates, so one at a time is enough: where a translation takes 1.5 times as
long as its source and the voice may hurry by a quarter, about one text in six is left out, never several in a row.
"""

from dataclasses import dataclass

from livetranslate.samples import SAMPLE_RATE_HERTZ

# Full speed from half of the allowed lag on: before, hurry grows too slowly to be noticed from one text to the next;
# the other half is what a long sentence may still add before something has to be left out.
_HURRY_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Pacing:
    """How to keep up.

    Attributes:
        max_rate: The fastest that a voice may speak; 1 is its own pace.
        max_lag_samples: How far behind the end of its source a text may begin; None: all are spoken, however late.
    """

    max_rate: float = 1.25
    max_lag_samples: int | None = 10 * SAMPLE_RATE_HERTZ


UNPACED = Pacing(max_rate=1.0, max_lag_samples=None)


class Pacer:
    """Where in the session's time the texts of one voice are heard, and how fast they are spoken."""

    def __init__(self, pacing: Pacing, sample_rate_hertz: int, spoken_sample: int = 0) -> None:
        """Begin behind the speech that was given before; the rate is that of the voice's samples."""
        self._pacing = pacing
        self._sample_rate_hertz = sample_rate_hertz
        self._start_sample = spoken_sample  # of the text that is spoken
        self._voice_samples = 0  # of that text so far

    @property
    def playout_sample(self) -> int:
        """Where the next sound is heard."""
        return self._start_sample + self._voice_samples * SAMPLE_RATE_HERTZ // self._sample_rate_hertz

    def lag_samples(self, end_sample: int | None) -> int:
        """How far behind the end of what it translates a text would begin; 0 where that end is not known."""
        return 0 if end_sample is None else max(0, self.playout_sample - end_sample)

    def is_too_late(self, end_sample: int | None) -> bool:
        """Whether a text is to be left out."""
        limit = self._pacing.max_lag_samples
        return limit is not None and self.lag_samples(end_sample) > limit

    def begin(self, end_sample: int | None) -> float:
        """Begin with a text after those before; returns how many times faster than otherwise it is to be spoken."""
        rate = self._rate(self.lag_samples(end_sample))
        self._start_sample = max(self.playout_sample, end_sample or 0)
        self._voice_samples = 0
        return rate

    def receive_speech(self, voice_samples: int) -> None:
        """So many samples more of the text are heard."""
        self._voice_samples += voice_samples

    def _rate(self, lag_samples: int) -> float:
        pacing = self._pacing
        if not lag_samples or pacing.max_lag_samples is None:
            return 1.0
        hurry = min(1.0, lag_samples / (pacing.max_lag_samples * _HURRY_SHARE))
        return 1.0 + (pacing.max_rate - 1.0) * hurry
