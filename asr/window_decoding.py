"""Decoding in growing windows, for models that remember nothing: each look is at all audio since the window's start.

    segment   |────────────────────────────────…
    looks     |──|
              |──────|
              |──────────|
                    |────────|         after a cut at a word that is committed
                    |────────────|

A look is due each `step_samples`. What two looks in a row agree on is committed (see `asr.local_agreement`). Before a
window outgrows what is useful, it is cut where a committed sentence ends, or else at the widest gap between committed
words; audio before the cut is forgotten, and the text before it becomes the prompt. So a look costs the same however
long the segment is, and every sample is looked at before it is forgotten.

A look that the model had no time for counts as one that was not due, and so do those that were missed meanwhile; what
was said is then committed by later looks. So under pressure, and only then, what is committed depends on the time of
day. The last look and a full window are never given up, so that no speech is lost. The same holds for a pace that is
asked for: looks are further apart, or there are none but those two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from asr.decoding import Piece
from asr.gates import GateOptions, is_credible
from asr.hypothesis import Hypothesis, Word, mean_confidence, text_of
from asr.local_agreement import LocalAgreement
from asr.loops import LoopOptions
from asr.pace import CLOSELY, Pace
from livetranslate.models import Model
from livetranslate.samples import SAMPLE_RATE_HERTZ, samples_of_ms

_SENTENCE_ENDS = tuple(".?!…。।\uff1f\uff01")  # the last two are wide ? and !


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How a segment is decoded window by window; times in samples."""

    max_samples: int  # the longest window that the model takes
    first_samples: int = samples_of_ms(640)  # before the first look: a word or two
    step_samples: int = SAMPLE_RATE_HERTZ  # as published: each look costs a whole window
    trim_samples: int = 15 * SAMPLE_RATE_HERTZ  # as published: more audio makes few words better
    prompt_characters: int = 200  # as published
    min_prompt_confidence: float = 0.5  # what a model was unsure of must not lead it on
    gate: GateOptions = field(default_factory=GateOptions)
    loops: LoopOptions = field(default_factory=LoopOptions)


def window_options(model: Model) -> WindowOptions:
    """What suits a model."""
    longest = max(model.window_seconds) * SAMPLE_RATE_HERTZ
    return WindowOptions(max_samples=longest, step_samples=min(SAMPLE_RATE_HERTZ, longest // 4))


class WindowDecoding:
    """The decoding of one segment (a `Decoding`)."""

    def __init__(self, options: WindowOptions, start_sample: int) -> None:
        """Begin at the segment's first sample."""
        self._options = options
        self._agreement = LocalAgreement(options.loops)
        self._segment_start = start_sample
        self._window_start = start_sample
        self._looked_until = start_sample
        self._next_end = start_sample + min(options.first_samples, options.max_samples)
        self._was_missed = False  # whether the last look came to nothing
        self._doubtful_words = 0  # committed words that are not to be prompted with

    @property
    def committed(self) -> Sequence[Word]:
        """The words that two looks agree on."""
        return self._agreement.committed

    @property
    def unstable(self) -> Sequence[Word]:
        """The newest look's other words."""
        return self._agreement.unstable

    @property
    def needed_from(self) -> int:
        """Where the window starts."""
        return self._window_start

    def next_piece(self, limit_sample: int, end_sample: int | None, pace: Pace = CLOSELY) -> Piece | None:
        """The next look, or the last one once the end is known."""
        limit = limit_sample if end_sample is None else end_sample
        if self._was_missed:
            self._pass_over(limit)
        due = self._due_sample(pace)
        is_end = end_sample is not None and limit <= due
        if limit <= due and not is_end:
            return None
        end = limit if is_end else due
        is_start = self._looked_until == self._segment_start
        self._looked_until = end
        return Piece(self._window_start, end, is_start, is_end, self._prompt())

    def receive(self, piece: Piece, hypothesis: Hypothesis) -> None:
        """Take what was seen in the window; nothing that its model does not stand by."""
        if hypothesis.is_missing:
            self._was_missed = True
            return
        is_trusted = is_credible(hypothesis, self._options.gate)
        words = _inside(piece, hypothesis.words) if is_trusted else []
        if piece.is_end:
            self._agreement.receive_final(words)
            return
        self._agreement.receive_partial(words)
        self._next_end = piece.end_sample + self._options.step_samples
        if self._agreement.has_loop:
            self._window_start = max(self._window_start, self._agreement.committed_until)
        if self._agreement.has_loop or not is_trusted:
            self._doubtful_words = len(self.committed)
        self._trim()

    def receive_failure(self) -> None:
        """Drop what was unstable."""
        self._agreement.receive_final(())

    def _due_sample(self, pace: Pace) -> int:
        """Where the next look is due, at the latest where the window is full."""
        full = self._window_start + self._options.max_samples
        if pace.is_final_only:
            return full
        return max(self._next_end, min(self._looked_until + pace.step_samples, full))

    def _pass_over(self, limit: int) -> None:
        """Leave out the looks that have become due meanwhile; a window that is full has to be looked at."""
        self._was_missed = False
        step = self._options.step_samples
        missed = max(0, -((self._next_end - limit) // step))
        self._next_end = min(self._next_end + missed * step, self._window_start + self._options.max_samples)

    def _trim(self) -> None:
        """Make room for the next look."""
        options = self._options
        if self._next_end - self._window_start > min(options.trim_samples, options.max_samples):
            self._window_start = self._calmest_place()
        if self._next_end - self._window_start > options.max_samples:
            self._begin_anew()

    def _calmest_place(self) -> int:
        """Where committed words of this window can be parted; the last one stays, to know the seam by."""
        words = [word for word in self.committed if word.start_sample >= self._window_start]
        places = [(before, (before.end_sample + after.start_sample) // 2) for before, after in pairwise(words)]
        ends = [place for before, place in places if before.text.endswith(_SENTENCE_ENDS)]
        if ends:
            return ends[-1]
        widest = max(places, key=lambda pair: (pair[1] - pair[0].end_sample, pair[1]), default=None)
        return widest[1] if widest else self._window_start

    def _begin_anew(self) -> None:
        """A window is full of words that no two looks agree on: they are as good as they get."""
        latest = self._looked_until - self._options.step_samples
        self._agreement.commit_until(latest)
        self._doubtful_words = len(self.committed)
        until = self._agreement.committed_until
        room = min(self._options.trim_samples, self._options.max_samples)
        self._window_start = until if self._next_end - until <= room else latest

    def _prompt(self) -> str:
        """The last words before the window, if the model was sure of them."""
        words: list[Word] = []
        for word in reversed(self.committed[self._doubtful_words :]):
            if word.end_sample > self._window_start:
                continue
            if len(text_of([*words, word])) > self._options.prompt_characters:
                break
            words.append(word)
        known = [word for word in words if word.confidence]  # 0 where the model does not say
        if known and mean_confidence(known) < self._options.min_prompt_confidence:
            return ""
        return text_of(words[::-1])


def _inside(piece: Piece, words: Sequence[Word]) -> list[Word]:
    """The words that were spoken in the piece, and not in what it was padded with."""
    return [
        replace(
            word,
            start_sample=max(word.start_sample, piece.start_sample),
            end_sample=min(word.end_sample, piece.end_sample),
        )
        for word in words
        if word.start_sample < piece.end_sample and word.end_sample >= piece.start_sample
    ]
