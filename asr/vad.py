"""The probability of speech in each 32 ms frame: an energy gate, then the Silero model.

The gate spares the model the silence. It opens at the first frame above the noise floor and closes after a run of
quiet frames, and the model's memory starts anew each time it opens: the probabilities are a function of the audio
alone, however it was cut into pieces on its way here.

The model (Silero VAD v6, MIT) comes inside the faster-whisper package. It reads 512 new samples and the 64 before
them, and carries an LSTM state from frame to frame.
"""

import importlib.util
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import onnxruntime

from asr.endpoint import FRAME_SAMPLES

Samples = npt.NDArray[np.int16]
Probabilities = npt.NDArray[np.float32]

_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (1, 1, 128)
_QUIET_FRAMES = struct.Struct("<I")


def _zeros() -> npt.NDArray[np.float32]:
    return np.zeros(_STATE_SHAPE, np.float32)


@dataclass(slots=True)
class VadState:
    """What the detector remembers of one stream: constant in size."""

    quiet_frames: int = 1 << 30  # in a row; at the beginning the gate is closed
    context: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(_CONTEXT_SAMPLES, np.float32))
    hidden: npt.NDArray[np.float32] = field(default_factory=_zeros)
    cell: npt.NDArray[np.float32] = field(default_factory=_zeros)

    def forget(self) -> None:
        """Start anew."""
        self.context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self.hidden, self.cell = _zeros(), _zeros()

    def to_bytes(self) -> bytes:
        """For another detector to go on from: 4 bytes while the gate is closed, 1.3 KB while it is open."""
        floats = np.concatenate([self.context, self.hidden.ravel(), self.cell.ravel()]).astype("<f4")
        return _QUIET_FRAMES.pack(self.quiet_frames) + (floats.tobytes() if floats.any() else b"")

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """What `to_bytes` wrote; of nothing, the beginning.

        Raises:
            ValueError: It was not written by `to_bytes`.
        """
        if not state:
            return cls()
        quiet_frames, floats = state[: _QUIET_FRAMES.size], np.frombuffer(state[_QUIET_FRAMES.size :], "<f4")
        if len(quiet_frames) < _QUIET_FRAMES.size or floats.size not in {0, _CONTEXT_SAMPLES + 2 * _zeros().size}:
            raise ValueError("not a detector's state")
        vad_state = cls(*_QUIET_FRAMES.unpack(quiet_frames))
        if floats.size:
            context, hidden, cell = np.split(floats.astype(np.float32), [_CONTEXT_SAMPLES, _CONTEXT_SAMPLES + 128])
            vad_state.context = context
            vad_state.hidden, vad_state.cell = hidden.reshape(_STATE_SHAPE), cell.reshape(_STATE_SHAPE)
        return vad_state


Classify = Callable[[Samples, VadState], Probabilities]
"""The probability of speech in each of whole frames that follow those seen before; may be called in any thread."""


class VoiceActivityDetector:
    """One model for all streams of a process; each stream brings its `VadState`."""

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
        self._gate = (32768 * 10 ** (gate_dbfs / 20)) ** 2 * FRAME_SAMPLES
        self._hangover_frames = hangover_frames

    def probabilities(self, samples: Samples, state: VadState) -> Probabilities:
        """The probability of speech in each frame.

        Args:
            samples: Whole frames that follow those seen before, shape [n * 512], 16 kHz.
            state: The stream's memory; changed.

        Returns:
            Shape [n], 0 to 1.
        """
        is_open = self._gate_openings(samples.reshape(-1, FRAME_SAMPLES).astype(np.int64), state)
        frames = samples.reshape(-1, FRAME_SAMPLES).astype(np.float32) / 32768
        probabilities = np.zeros(len(frames), np.float32)
        for run in np.split(np.arange(len(frames)), np.flatnonzero(np.diff(is_open)) + 1):
            if is_open[run[0]]:
                probabilities[run] = self._run_model(frames[run], state)
            else:
                state.forget()
        return probabilities

    def _gate_openings(self, frames: npt.NDArray[np.int64], state: VadState) -> npt.NDArray[np.bool_]:
        energies = np.einsum("ij,ij->i", frames, frames)  # in whole numbers: exact, in whatever order it is summed
        is_open = np.empty(len(frames), np.bool_)
        for index, is_loud in enumerate(energies > self._gate):
            state.quiet_frames = 0 if is_loud else min(state.quiet_frames + 1, self._hangover_frames)
            is_open[index] = state.quiet_frames < self._hangover_frames
        return is_open

    def _run_model(self, frames: npt.NDArray[np.float32], state: VadState) -> Probabilities:
        before = np.vstack([state.context, frames[:-1, -_CONTEXT_SAMPLES:]])
        inputs = {"input": np.hstack([before, frames]), "h": state.hidden, "c": state.cell}
        probabilities, state.hidden, state.cell = self._model.run(None, inputs)
        state.context = frames[-1, -_CONTEXT_SAMPLES:]
        return np.asarray(probabilities, np.float32)


def _model_path() -> str:
    spec = importlib.util.find_spec("faster_whisper")  # found, not imported: it would load a whole inference engine
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The voice activity model is missing: install the faster-whisper package.")
    return str(Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx")
