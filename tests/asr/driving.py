"""A recognition driven to its end without waiting: loud frames are speech, and words are a function of the audio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from asr.audio_buffer import Samples
from asr.endpoint import FRAME_SAMPLES
from asr.hypothesis import Hypothesis, Word
from asr.session import AsrSession, DecodeStep, Failure, Progress, Result, Revision

WORD_SAMPLES = 2 * FRAME_SAMPLES

Recognize = Callable[[DecodeStep, Samples], Hypothesis]


def is_loud(frames: Samples) -> list[float]:
    """The detector: 1.0 for each frame that is loud, 0.0 for each that is quiet."""
    return [float(frame.max() > 100) for frame in frames.reshape(-1, FRAME_SAMPLES)]


def spell(step: DecodeStep, heard: Samples) -> Hypothesis:
    """The recognizer: a word for each stretch of audio heard, the last one of them half heard and unsure."""
    words = []
    for start in range(0, len(heard), WORD_SAMPLES):
        part = heard[start : start + WORD_SAMPLES]
        first = step.segment_start + start
        words.append(Word(f"w{int(part.astype(np.int64).sum()) % 97}", first, first + len(part)))
    state = f"{step.segment_start}+{len(heard)}".encode() if step.is_end else b""
    return Hypothesis(tuple(words), state)


@dataclass
class Driver:
    """Does a session's work in small pieces, and keeps everything that happened, in order."""

    session: AsrSession
    recognize: Recognize = spell
    fails_at: frozenset[int] = frozenset()  # the numbers of the steps that fail
    log: list[DecodeStep | Result] = field(default_factory=list)
    _answer: Callable[[], None] | None = None
    _heard: list[Samples] = field(default_factory=list)

    def work(self) -> bool:
        """Take a piece of work or answer the one taken before; whether there was one."""
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer()
        elif (frames := self.session.frames_to_classify()) is not None:
            probabilities = is_loud(frames)
            self._answer = lambda: self.session.receive_probabilities(probabilities)
        elif (step := self.session.step_to_decode()) is not None:
            self._take(step)
        else:
            return False
        self.log += self.session.results_to_send()
        return True

    def work_to_end(self) -> None:
        """Work until nothing is left to do."""
        while self.work():
            pass
        self.log += self.session.results_to_send()

    @property
    def steps(self) -> Sequence[DecodeStep]:
        return [entry for entry in self.log if isinstance(entry, DecodeStep)]

    @property
    def revisions(self) -> Sequence[Revision]:
        return [entry for entry in self.log if isinstance(entry, Revision)]

    @property
    def finals(self) -> Sequence[Revision]:
        return [revision for revision in self.revisions if revision.is_final]

    @property
    def failures(self) -> Sequence[Failure]:
        return [entry for entry in self.log if isinstance(entry, Failure)]

    @property
    def progress(self) -> Sequence[int]:
        return [entry.processed_sample for entry in self.log if isinstance(entry, Progress)]

    def _take(self, step: DecodeStep) -> None:
        number = len(self.steps)
        self.log.append(step)
        self._heard = [step.samples] if step.is_start else [*self._heard, step.samples]
        if number in self.fails_at:
            self._answer = lambda: self.session.receive_failure("The decoder is gone.")
        else:
            hypothesis = self.recognize(step, np.concatenate(self._heard))
            self._answer = lambda: self.session.receive_hypothesis(step, hypothesis)
