"""Decoding in steps of a fixed length, each a continuation of the one before, for models that remember an utterance.

A step is only due once there is more audio than it takes, so that the step that ends a segment is never empty.

The pace changes nothing here: what is committed depends on all hypotheses, and finals are to have the same words at any
pace. So steps stay as they are, and only some of their results are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asr.agreement import Agreement, AgreementOptions
from asr.decoding import Piece
from asr.endpoint import FRAME_SAMPLES
from asr.hypothesis import Hypothesis, Word
from asr.pace import CLOSELY, Pace


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """How a segment is decoded step by step; times in samples."""

    agreement: AgreementOptions = field(default_factory=AgreementOptions)
    first_step_samples: int = 12 * FRAME_SAMPLES  # 384 ms: nobody speaks in most of it, the endpointer's pre-roll
    step_samples: int = 8 * FRAME_SAMPLES  # 256 ms: four partials a second read as live


class SequenceDecoding:
    """The decoding of one segment (a `Decoding`)."""

    def __init__(self, options: SequenceOptions, start_sample: int) -> None:
        """Begin at the segment's first sample."""
        self._options = options
        self._agreement = Agreement(options.agreement)
        self._start = start_sample
        self._given_until = start_sample

    @property
    def committed(self) -> Sequence[Word]:
        """The words that recent hypotheses agree on."""
        return self._agreement.committed

    @property
    def unstable(self) -> Sequence[Word]:
        """The newest hypothesis' other words."""
        return self._agreement.unstable

    @property
    def needed_from(self) -> int:
        """The end of the last step: the model remembers what it has heard."""
        return self._given_until

    def next_piece(self, limit_sample: int, end_sample: int | None, pace: Pace = CLOSELY) -> Piece | None:
        """The next step, or the rest once the end is known."""
        del pace
        start = self._given_until
        limit = limit_sample if end_sample is None else end_sample
        length = self._options.step_samples if start > self._start else self._options.first_step_samples
        is_last = limit - start <= length
        if is_last and end_sample is None:
            return None
        self._given_until = limit if is_last else start + length
        return Piece(start, self._given_until, start == self._start, is_last)

    def receive(self, piece: Piece, hypothesis: Hypothesis) -> None:
        """Take the words of the whole segment so far."""
        if piece.is_end:
            self._agreement.receive_final(hypothesis.words)
        else:
            self._agreement.receive_partial(hypothesis.words, piece.end_sample)

    def receive_failure(self) -> None:
        """Drop what was unstable."""
        self._agreement.receive_final(())
