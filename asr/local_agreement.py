"""Which words can be promised where each hypothesis is a new look at a window of audio.

It is LocalAgreement-2 as in Macháček, Dabre and Bojar, "Turning Whisper into Real-Time Transcription System" (2023):
after what is committed, the longest common beginning of two hypotheses in a row is committed. Its known weaknesses are
closed here:

- Two passes agree on a loop, too. So loops are cut before anything is compared, also those that go through the seam.
- Times move from pass to pass. Words before the committed time are dropped, and where the others begin with committed
  words once more, these are, too.
- Words of one hypothesis may overlap or take no time. What is kept follows one another.

The rule looks at hypotheses and audio positions only, so that the same hypotheses commit the same words again.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from asr.hypothesis import Word
from asr.loops import LoopOptions, find_loop, key_of, without_loops
from livetranslate.samples import samples_of_ms

_SEAM_WORDS = 5  # as published: as many committed words may be said once more
_SEAM_SAMPLES = samples_of_ms(1000)  # as published: and so long after the committed time


class LocalAgreement:
    """The committed and the unstable words of one segment."""

    def __init__(self, loops: LoopOptions) -> None:
        """Start with no words."""
        self._loops = loops
        self._memory_words = loops.phrase_words * (max(loops.max_words, loops.max_phrases) + 1)
        self._previous: list[str] = []  # the texts of the last hypothesis after what is committed
        self.committed: list[Word] = []
        self.unstable: list[Word] = []
        self.has_loop = False  # whether the last hypothesis went round in circles

    @property
    def committed_until(self) -> int:
        """The end of the last committed word; 0 without one."""
        return self.committed[-1].end_sample if self.committed else 0

    def receive_partial(self, words: Sequence[Word]) -> None:
        """Take a hypothesis; of one that loops, the words up to the first repetition."""
        tail = self._after_committed(words)
        earlier = self._latest_committed()
        loop = find_loop([*earlier, *tail], self._loops)
        self.has_loop = loop is not None
        if loop is not None:
            del tail[max(0, loop.start - len(earlier)) :]
        pairs = zip(tail, self._previous, strict=False)
        count = len(list(takewhile(lambda pair: pair[0].text == pair[1], pairs)))
        self.committed += tail[:count]
        self.unstable = tail[count:]
        self._previous = [word.text for word in self.unstable]

    def receive_final(self, words: Sequence[Word]) -> None:
        """Take the last hypothesis: everything in it is committed, but for what loops repeat."""
        tail = self._after_committed(words)
        self._commit_all(without_loops(tail, self._loops, self._latest_committed()))

    def commit_until(self, sample: int) -> None:
        """Commit the unstable words that end by then without a second look at them."""
        self._commit_all([word for word in self.unstable if word.end_sample <= sample])

    def _commit_all(self, words: Sequence[Word]) -> None:
        self.committed += words
        self.unstable = []
        self._previous = []

    def _latest_committed(self) -> list[Word]:
        """As many committed words as a loop can have before it is one."""
        return self.committed[-self._memory_words :]

    def _after_committed(self, words: Sequence[Word]) -> list[Word]:
        """The words that begin after the committed ones, in time's order and without overlap."""
        if not self.committed:
            return _one_after_the_other(words, 0)
        until = self.committed_until
        before = [word for word in words if word.start_sample + word.end_sample <= 2 * until]
        after = [word for word in words if word.start_sample + word.end_sample > 2 * until]
        return _one_after_the_other(after[self._said_again(before, after) :], until)

    def _said_again(self, before: Sequence[Word], after: Sequence[Word]) -> int:
        """How many words after the committed time are committed ones, said again.

        The seam is where most of the committed text lies before it: so "very" is the second one of "very very good"
        where the first was before the committed time, too.
        """
        latest = self.committed_until + _SEAM_SAMPLES
        near = [key_of(word) for word in after[:_SEAM_WORDS] if word.start_sample < latest]
        said = [key_of(word) for word in before]
        committed = [key_of(word) for word in self.committed[-_SEAM_WORDS:]]

        def repeated(count: int) -> int:
            common = _common_end(committed, said + near[:count])
            return common if common >= count else 0

        return max(range(len(near) + 1), key=repeated)  # of equal ones the first


def _common_end(some: Sequence[str], others: Sequence[str]) -> int:
    """How many texts at their ends are the same."""
    pairs = zip(reversed(some), reversed(others), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _one_after_the_other(words: Sequence[Word], earliest: int) -> list[Word]:
    """The words with times that neither overlap nor go back."""
    ordered = []
    for word in words:
        start = max(word.start_sample, earliest)
        earliest = max(word.end_sample, start)
        ordered.append(replace(word, start_sample=start, end_sample=earliest))
    return ordered
