"""What is said: a function of the sample number alone, cut only by flushes and by the end."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id

_PERIOD = 2 * SAMPLE_RATE_HERTZ  # in each somebody speaks, coughs or is silent
_TENTH = SAMPLE_RATE_HERTZ // 10
_SILENT, _NOISY = (3, 4), 2  # of six periods


@dataclass(frozen=True, slots=True)
class Said:
    """A segment, or as much of it as was heard."""

    start_sample: int
    end_sample: int
    is_complete: bool
    is_noise: bool

    @property
    def segment_id(self) -> str:
        return segment_id(self.start_sample)

    @property
    def text(self) -> str:
        """Two words that only this audio has; none where it is noise."""
        return "" if self.is_noise else f"from {self.start_sample} to {self.end_sample}"

    @property
    def certain_text(self) -> str:
        """What of it is certain while it is still being said: a word for each fifth of a second, but not the last."""
        words = self.text.split()[:3]
        return " ".join(words[: (self.end_sample - self.start_sample) // (2 * _TENTH)])


def audio(start_sample: int, end_sample: int) -> bytes:
    """The samples of a range: each tells where it is, so that nobody can take one for another."""
    return np.arange(start_sample, end_sample).astype("<i2").tobytes()


def said(start_sample: int, end_sample: int, flushes: Collection[int], *, is_over: bool) -> Iterator[Said]:
    """The segments in a range of audio that does not begin within one."""
    for period in range(start_sample // _PERIOD, end_sample // _PERIOD + 1):
        kind = period % 6
        first = period * _PERIOD + 3 * _TENTH
        last = first + 4 * _TENTH * (1 + period % 4)
        if kind in _SILENT or first < start_sample:
            continue
        cuts = sorted({flush for flush in flushes if first < flush < last} | {last})
        for cut in cuts:
            end = min(cut, end_sample)
            if first < end:
                yield Said(first, end, is_complete=is_over or cut <= end_sample, is_noise=kind == _NOISY)
            first = cut


def is_quiet(sample: int) -> bool:
    """Whether nothing is being said at a sample."""
    utterances = said(sample // _PERIOD * _PERIOD, sample + _PERIOD, (), is_over=True)
    return not any(utterance.start_sample < sample < utterance.end_sample for utterance in utterances)
