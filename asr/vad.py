"""The probability of speech in each 32 ms frame: an energy gate, then the Silero model.

The gate spares the model the silence. It opens at the first frame above the noise floor and closes after a run of
quiet frames, and the model's memory starts anew each time it opens: the probabilities are a function of the audio
alone, however it was cut into pieces on its way here.

The model (Silero VAD v6, MIT) comes inside the faster-whisper package. It reads 512 new samples and the 64 before
them, and carries an LSTM state from frame to frame.
"""

import importlib.util
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import onnxruntime

from asr.endpoint import FRAME_SAMPLES

Samples = npt.NDArray[np.int16]

_STATE_SHAPE = (1, 1, 128)
_CONTEXT, _HIDDEN, _CELL = slice(0, 64), slice(64, 192), slice(192, 320)
_FLOATS = 320
_QUIET_FRAMES = struct.Struct("<I")

Classify = Callable[[Samples, bytes], Sequence[tuple[float, bytes]]]
"""For each of whole frames, the probability of speech and what is remembered after it, from what was remembered
before them: a function of its arguments alone, in any thread."""


@dataclass(slots=True)
class VadState:
    """What the detector remembers of one stream: constant in size."""

    quiet_frames: int = 1 << 30  # in a row; at the beginning the gate is closed
    floats: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(_FLOATS, np.float32))  # the model's

    def forget(self) -> None:
        """Start the model anew."""
        self.floats = np.zeros(_FLOATS, np.float32)

    def to_bytes(self) -> bytes:
        """4 bytes while the gate is closed, 1.3 KB while it is open."""
        floats = self.floats.astype("<f4", copy=False).tobytes() if self.floats.any() else b""
        return _QUIET_FRAMES.pack(self.quiet_frames) + floats

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """What `to_bytes` wrote; of nothing, the beginning.

        Raises:
            ValueError: It was not written by `to_bytes`.
        """
        if not state:
            return cls()
        quiet_frames, floats = state[: _QUIET_FRAMES.size], state[_QUIET_FRAMES.size :]
        if len(quiet_frames) < _QUIET_FRAMES.size or len(floats) not in {0, 4 * _FLOATS}:
            raise ValueError("not a detector's state")
        vad_state = cls(*_QUIET_FRAMES.unpack(quiet_frames))
        if floats:
            vad_state.floats = np.frombuffer(floats, "<f4").astype(np.float32)
        return vad_state


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
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # streams run side by side, not one over cores
        self._model = onnxruntime.InferenceSession(_model_path(), options, providers=["CPUExecutionProvider"])
        self._gate_energy = (32768 * 10 ** (gate_dbfs / 20)) ** 2 * FRAME_SAMPLES
        self._hangover_frames = hangover_frames

    def classify(self, samples: Samples, state: bytes) -> list[tuple[float, bytes]]:
        """The probability of speech in each frame, and what is remembered after it.

        The model hears one frame at a time: several in one call would cost half, but then the last bits of its answers
        depended on how many, and there would be no memory but the one at their end.

        Args:
            samples: Whole frames that follow those heard before, shape [n * 512], 16 kHz.
            state: What was remembered before them; empty at the beginning.
        """
        memory = VadState.from_bytes(state)
        return [(self._hear(frame, memory), memory.to_bytes()) for frame in samples.reshape(-1, FRAME_SAMPLES)]

    def _hear(self, frame: Samples, memory: VadState) -> float:
        exact = frame.astype(np.int64)
        is_loud = exact @ exact > self._gate_energy
        memory.quiet_frames = 0 if is_loud else min(memory.quiet_frames + 1, self._hangover_frames)
        if memory.quiet_frames < self._hangover_frames:
            return self._run_model(frame.astype(np.float32) / 32768, memory)
        memory.forget()
        return 0.0

    def _run_model(self, frame: npt.NDArray[np.float32], memory: VadState) -> float:
        inputs = {
            "input": np.concatenate([memory.floats[_CONTEXT], frame])[None],
            "h": memory.floats[_HIDDEN].reshape(_STATE_SHAPE),
            "c": memory.floats[_CELL].reshape(_STATE_SHAPE),
        }
        probability, hidden, cell = self._model.run(None, inputs)
        memory.floats = np.concatenate([frame[-_CONTEXT.stop :], hidden.ravel(), cell.ravel()])
        return float(probability.item())


def _model_path() -> str:
    spec = importlib.util.find_spec("faster_whisper")  # found, not imported: it would load a whole inference engine
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The voice activity model is missing: install the faster-whisper package.")
    return str(Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx")
