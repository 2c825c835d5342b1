"""What sessions say, and when a system that takes no time at all would answer.

A session plays the recording round and round, from one of a few places. Its audio goes, chunk by chunk, through the
recognizer's own core, frame by frame and without waiting for more, and each step is answered at once as the engine that
costs nothing answers it. What comes out with a chunk could not have been told earlier by any system with these steps
and these pauses: the rest of a real answer's lag is what the system adds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

from asr.hypothesis import Hypothesis, Word
from asr.results import Revision
from asr.session import AsrOptions, AsrSession, DecodeStep
from asr.vad import VoiceActivityDetector
from bench.speech import CHUNK_BYTES, chunks, recording

PLACES: Final = 16  # where sessions begin: enough that they do not all pause at once

_WORD_SAMPLES: Final = 8_000  # as bench/models/asr_null has it


@dataclass(frozen=True, slots=True)
class DueText:
    """A revision of a transcript, and the chunk of audio with which it is due."""

    chunk: int
    segment_id: str
    revision: int
    is_final: bool
    has_words: bool


@dataclass(frozen=True, slots=True)
class DueStep:
    """A piece of a segment for the decoder, and the chunk of audio with which it is due."""

    chunk: int
    step: DecodeStep


class Script:
    """One session's audio from a place on, looked at as far as somebody has asked for."""

    def __init__(self, place: int) -> None:
        """Begin with nothing said."""
        self._session = AsrSession(AsrOptions(classify_frames=1))
        self._audio = enumerate(audio_from(place))
        self._texts: list[DueText] = []
        self._steps: list[DueStep] = []
        self._chunk_count = 0

    def texts(self, chunk_count: int) -> Iterator[DueText]:
        """The revisions that are due with the first chunks."""
        self._look(chunk_count)
        return (text for text in self._texts if text.chunk < chunk_count)

    def steps(self, chunk_count: int) -> Iterator[DueStep]:
        """The steps that are due with the first chunks."""
        self._look(chunk_count)
        return (step for step in self._steps if step.chunk < chunk_count)

    def _look(self, chunk_count: int) -> None:
        """Look at the audio up to there; 4 ms for each second of it."""
        for number, chunk in islice(self._audio, max(0, chunk_count - self._chunk_count)):
            self._session.receive_audio(chunk)
            self._steps += (DueStep(number, step) for step in _answered(self._session))
            self._texts += (
                DueText(number, result.segment_id, result.number, result.is_final, bool(result.committed))
                for result in self._session.results_to_send()
                if isinstance(result, Revision)
            )
        self._chunk_count = max(self._chunk_count, chunk_count)


def audio_from(place: int) -> Iterator[bytes]:
    """The chunks of a session that begins at a place, without end."""
    count = len(recording()) // CHUNK_BYTES
    return chunks(recording(), place * count // PLACES)


@cache
def script(place: int) -> Script:
    """The one of a place."""
    return Script(place)


def rehearse(chunk_count: int) -> None:
    """Look at the first chunks from each place, so that nothing has to be done for it later."""
    for place in range(PLACES):
        script(place).texts(chunk_count)


def _answered(session: AsrSession) -> Iterator[DecodeStep]:
    """Do all that can be done with the audio so far; the steps that were decoded."""
    while True:
        if (frames := session.frames_to_classify()) is not None:
            session.receive_probabilities(_detector().classify(*frames))
        elif (step := session.step_to_decode()) is not None:
            yield step
            session.receive_hypothesis(step, _heard(step))
        else:
            return


def _heard(step: DecodeStep) -> Hypothesis:
    """A word for each half second since the segment's start."""
    starts = range(step.segment_start, step.end_sample - _WORD_SAMPLES + 1, _WORD_SAMPLES)
    state = b"null" if step.is_end else b""
    return Hypothesis(tuple(Word("word", start, start + _WORD_SAMPLES, 1.0) for start in starts), state)


@cache
def _detector() -> VoiceActivityDetector:
    return VoiceActivityDetector()
