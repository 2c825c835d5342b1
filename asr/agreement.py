"""Which words of a growing hypothesis can be promised, and which are worth showing.

A word is committed once the last `partial_count` hypotheses had it in the same place and it ended at least
`margin` before the newest audio: recognizers rewrite their latest words most. Committed words never change, so the
final text is the committed words and whatever the final hypothesis says after them. The rule looks at hypotheses and
audio only, never at the time of day, so that the same audio gives the same words again.

Of the other words those are shown that the hypothesis before had too, or that ended a little before the newest audio:
a word that is still being spoken is mostly wrong, and text that jumps cannot be read.

It is the stability rule of incremental recognition as in Baumann, Atterer and Schlangen, "Assessing and Improving
the Performance of Speech Recognition for Incremental Systems" (NAACL 2009), there called smoothing.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from asr.hypothesis import Word
from livetranslate.samples import samples_of_ms


@dataclass(frozen=True, slots=True)
class AgreementOptions:
    """When a word is committed, and when it is shown.

    On clear speech, decoded in steps of 0.26 s, 5.3 % of the words are so wrong, at a lag of 1.0 s. A margin of 1.2 s
    has no fewer; two hypotheses and 0.3 s have 9.9 %. For each word that stays 0.08 are taken back, and 0.7 if all were
    shown at once.
    """

    partial_count: int = 3
    margin_samples: int = samples_of_ms(800)
    shown_margin_samples: int = samples_of_ms(160)


class Agreement:
    """The committed and the unstable words of one segment."""

    def __init__(self, options: AgreementOptions) -> None:
        """Start with no words."""
        self._options = options
        self._tails: deque[list[str]] = deque(maxlen=options.partial_count)
        self.committed: list[Word] = []
        self.unstable: list[Word] = []

    def receive_partial(self, words: Sequence[Word], newest_sample: int) -> None:
        """Take a hypothesis over the audio up to `newest_sample`."""
        tail = self._after_committed(words)
        shown = self._shown(tail, newest_sample - self._options.shown_margin_samples)
        self._tails.append([word.text for word in tail])
        count = self._agreed(tail, newest_sample - self._options.margin_samples)
        self.committed += tail[:count]
        self.unstable = tail[count:shown]
        for texts in self._tails:
            del texts[:count]

    def receive_final(self, words: Sequence[Word]) -> None:
        """Take the last hypothesis: everything in it is committed."""
        self.committed += self._after_committed(words)
        self.unstable = []

    def _after_committed(self, words: Sequence[Word]) -> list[Word]:
        """The words that begin after the committed ones, judged by their middles: boundaries move a little."""
        if not self.committed:
            return list(words)
        end = self.committed[-1].end_sample
        return [word for word in words if (word.start_sample + word.end_sample) / 2 > end]

    def _agreed(self, tail: Sequence[Word], latest_end: int) -> int:
        """How many words at the head of the tail all recent hypotheses share and that end early enough."""
        if len(self._tails) < self._options.partial_count:
            return 0
        for count, word in enumerate(tail):
            in_all = all(len(texts) > count and texts[count] == word.text for texts in self._tails)
            if not in_all or word.end_sample > latest_end:
                return count
        return len(tail)

    def _shown(self, tail: Sequence[Word], latest_end: int) -> int:
        """How many words at the head of the tail end early enough or were there before."""
        before = self._tails[-1] if self._tails else []
        for count, word in enumerate(tail):
            if word.end_sample > latest_end and before[count : count + 1] != [word.text]:
                return count
        return len(tail)
