"""The probability of speech in each 32 ms frame: an energy gate, then the Silero model.

The gate spares the model the silence. It opens at the first frame above the noise floor and closes after a run of
quiet frames, and the model's memory starts anew each time it opens: the probabilities are a function of the audio
alone, however it was cut into pieces on its way here, and whoever else was heard at the same time.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from asr.endpoint import FRAME_SAMPLES
from asr.silero import CONTEXT_SAMPLES, MEMORY_FLOATS, TOLD_FLOATS, Silero

Samples = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
Bounds = Sequence[tuple[int, int]]
"""Of each stream the number of its first frame in a batch, and of the one after its last."""

_FLOATS: Final = CONTEXT_SAMPLES + MEMORY_FLOATS
_NO_FLOATS: Final = bytes(4 * _FLOATS)
_QUIET_FRAMES: Final = struct.Struct("<I")

Unheard = tuple[Samples, bytes]
"""Whole frames of one stream, one at least, that follow those heard before, and what was remembered after those."""

Heard = list[tuple[float, bytes]]
"""For each frame, the probability of speech, and what is remembered of the stream after it."""


@dataclass(frozen=True, slots=True)
class VadState:
    """What the detector remembers of one stream: 4 bytes while the gate is closed, 1.3 KB while it is open."""

    quiet_frames: int = 1 << 30  # in a row; at the beginning the gate is closed
    floats: bytes = b""  # while the gate is open: the last samples heard, and what the model remembers

    def to_bytes(self) -> bytes:
        """For whoever goes on with the stream."""
        return _QUIET_FRAMES.pack(self.quiet_frames) + self.floats

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """What `to_bytes` wrote; of nothing, the beginning.

        Raises:
            ValueError: It was not written by `to_bytes`.
        """
        if not state:
            return cls()
        if len(state) not in {_QUIET_FRAMES.size, _QUIET_FRAMES.size + 4 * _FLOATS}:
            raise ValueError("not a detector's state")
        (quiet_frames,) = _QUIET_FRAMES.unpack_from(state)
        return cls(quiet_frames, state[_QUIET_FRAMES.size :])


class VoiceActivityDetector:
    """One model for all streams of a process; each stream brings what is remembered of it."""

    def __init__(self, gate_dbfs: float = -55.0, hangover_frames: int = 16) -> None:
        """Load the model.

        Args:
            gate_dbfs: Frames below this level are quiet. Speech recorded at all well is above -45.
            hangover_frames: Quiet frames in a row after which the gate closes: 512 ms, a pause between sentences.

        Raises:
            FileNotFoundError: The faster-whisper package is not installed.
        """
        self._model = Silero.load()
        self._gate_energy = (32768 * 10 ** (gate_dbfs / 20)) ** 2 * FRAME_SAMPLES
        self._hangover_frames = hangover_frames

    def classify(self, samples: Samples, state: bytes) -> Heard:
        """Hear the next frames of one stream."""
        return self.classify_together([(samples, state)])[0]

    def classify_together(self, streams: Sequence[Unheard]) -> list[Heard]:
        """Hear the next frames of each stream: what is heard of one is the same whoever the others are.

        It is a function of its arguments alone, in any thread. The model hears all frames at once as far as their
        order does not matter to it, and then the first of each stream, the second of each, and so on.
        """
        states = [VadState.from_bytes(state) for _, state in streams]
        bounds = list(pairwise(accumulate((len(samples) // FRAME_SAMPLES for samples, _ in streams), initial=0)))
        frames = np.concatenate([samples for samples, _ in streams]).reshape(-1, FRAME_SAMPLES)
        quiet = self._count_quiet(frames, bounds, states)
        is_open = np.array(quiet) < self._hangover_frames
        probabilities, floats = _Batch(frames, is_open, bounds, states).hear(self._model)
        memories = (VadState(*memory).to_bytes() for memory in zip(quiet, floats, strict=True))
        heard = list(zip(probabilities, memories, strict=True))
        return [heard[first:end] for first, end in bounds]

    def _count_quiet(self, frames: Samples, bounds: Bounds, states: Sequence[VadState]) -> list[int]:
        """The quiet frames in a row after each frame, as far as they count."""
        exact = frames.astype(np.float64)  # sums of squares of whole numbers are, below 2⁵³
        is_loud = (np.einsum("fs,fs->f", exact, exact) > self._gate_energy).tolist()
        counts = []
        for state, (first, end) in zip(states, bounds, strict=True):
            count = state.quiet_frames
            for loud in is_loud[first:end]:
                count = 0 if loud else min(count + 1, self._hangover_frames)
                counts.append(count)
        return counts


class _Batch:
    """The frames of many streams, one stream after the other, on their way through the model."""

    def __init__(self, frames: Samples, is_open: Flags, bounds: Bounds, states: Sequence[VadState]) -> None:
        """Put what was heard before in front of each frame; where the gate is closed, that is nothing."""
        floats = np.frombuffer(b"".join(state.floats or _NO_FLOATS for state in states), "<f4")
        before = floats.reshape(-1, _FLOATS).astype(np.float32)
        self._is_open = is_open
        self._firsts, self._ends = np.array(bounds).T
        self._inputs = np.zeros((len(frames), CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
        self._inputs[is_open, CONTEXT_SAMPLES:] = frames[is_open].astype(np.float32) / 32768
        self._inputs[1:, :CONTEXT_SAMPLES] = self._inputs[:-1, -CONTEXT_SAMPLES:]
        self._inputs[self._firsts, :CONTEXT_SAMPLES] = before[:, :CONTEXT_SAMPLES]
        self._memories = before[:, CONTEXT_SAMPLES:]  # the model's, of each stream

    def hear(self, model: Silero) -> tuple[list[float], list[bytes]]:
        """The probability of speech in each frame, and what is remembered after it; zero where the gate is closed."""
        probabilities = np.zeros(len(self._inputs), np.float32)
        after = np.zeros((len(self._inputs), _FLOATS), "<f4")
        after[:, :CONTEXT_SAMPLES] = self._inputs[:, -CONTEXT_SAMPLES:]
        told = np.empty((len(self._inputs), TOLD_FLOATS), np.float32)
        if self._is_open.any():
            told[self._is_open] = model.encode(self._inputs[self._is_open])
        for number in range(max(self._ends - self._firsts)):
            streams = np.flatnonzero(self._firsts + number < self._ends)
            is_open = self._is_open[self._firsts[streams] + number]
            self._memories[streams[~is_open]] = 0  # it starts anew
            if not is_open.any():
                continue
            streams = streams[is_open]
            rows = self._firsts[streams] + number
            probabilities[rows], self._memories[streams] = model.step(told[rows], self._memories[streams])
            after[rows, CONTEXT_SAMPLES:] = self._memories[streams]
        floats = [row.tobytes() if is_open else b"" for row, is_open in zip(after, self._is_open, strict=True)]
        return probabilities.tolist(), floats
