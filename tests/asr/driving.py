"""A recognition driven to its end without waiting, with a classifier and a recognizer that remember."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from asr.audio_buffer import Samples
from asr.endpoint import FRAME_SAMPLES
from asr.hypothesis import Hypothesis, Word
from asr.memory import Memory
from asr.results import Activity, Failure, Progress, Result, Revision
from asr.session import AsrOptions, AsrSession, DecodeStep

WORD_SAMPLES = 2 * FRAME_SAMPLES

Classify = Callable[[Samples, bytes], Sequence[tuple[float, bytes]]]
Recognize = Callable[[DecodeStep, Samples, bytes], Hypothesis]


def hear(frames: Samples, state: bytes) -> list[tuple[float, bytes]]:
    """A classifier that hears each loud frame as speech, but for every seventh, which it misses.

    So where speech starts depends on all that was heard before.
    """
    count, heard = int(state or b"0"), []
    for frame in frames.reshape(-1, FRAME_SAMPLES):
        is_loud = bool(frame.max() > 100)
        count += is_loud
        heard.append((float(is_loud and count % 7 > 0), str(count % 7).encode()))
    return heard


def spell(step: DecodeStep, heard: Samples, state: bytes) -> Hypothesis:
    """A recognizer whose words are a function of the audio heard and of the state at the start of the segment.

    It has a word for each stretch of audio, the last one of them half heard and unsure.
    """
    words = []
    for start in range(0, len(heard), WORD_SAMPLES):
        part = heard[start : start + WORD_SAMPLES]
        first = step.segment_start + start
        words.append(Word(f"w{zlib.crc32(state + part.tobytes()) % 97}", first, first + len(part)))
    after = str(zlib.crc32(state + heard.tobytes())).encode()
    return Hypothesis(tuple(words), after if step.is_end else b"")


@dataclass
class Driver:
    """Does a session's work in small pieces, and keeps everything that happened, in order."""

    options: AsrOptions
    start_sample: int = 0
    memory: Memory = field(default_factory=Memory)
    classify: Classify = hear
    recognize: Recognize = spell
    fails_at: frozenset[int] = frozenset()  # the numbers of the steps that fail
    log: list[DecodeStep | Result] = field(default_factory=list)
    _answer: Callable[[], None] | None = None
    _heard: list[Samples] = field(default_factory=list)
    _state: bytes = b""

    def __post_init__(self) -> None:
        self.session = AsrSession(self.options, self.start_sample, self.memory)

    def work(self) -> bool:
        """Take a piece of work or answer the one taken before; whether there was one."""
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer()
        elif (frames := self.session.frames_to_classify()) is not None:
            heard = self.classify(*frames)
            self._answer = lambda: self.session.receive_probabilities(heard)
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
    def activities(self) -> Sequence[Activity]:
        return [entry for entry in self.log if isinstance(entry, Activity)]

    @property
    def failures(self) -> Sequence[Failure]:
        return [entry for entry in self.log if isinstance(entry, Failure)]

    @property
    def positions(self) -> Sequence[Progress]:
        return [entry for entry in self.log if isinstance(entry, Progress)]

    @property
    def progress(self) -> Sequence[int]:
        return [position.processed_sample for position in self.positions]

    def _take(self, step: DecodeStep) -> None:
        number = len(self.steps)
        self.log.append(step)
        if step.is_start:
            self._heard, self._state = [], step.decoder_state
        self._heard.append(step.samples)
        if number in self.fails_at:
            self._answer = lambda: self.session.receive_failure("The decoder is gone.")
        else:
            hypothesis = self.recognize(step, np.concatenate(self._heard), self._state)
            self._answer = lambda: self.session.receive_hypothesis(step, hypothesis)
