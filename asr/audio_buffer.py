"""The audio that may still be needed."""

import numpy as np
import numpy.typing as npt

from livetranslate.samples import BYTES_PER_SAMPLE

Samples = npt.NDArray[np.int16]


class AudioBuffer:
    """A window over the session's audio, addressed by sample number."""

    def __init__(self, start_sample: int = 0) -> None:
        """Begin empty at a sample."""
        self._bytes = bytearray()
        self._start = start_sample

    @property
    def end(self) -> int:
        """The sample after the last one received."""
        return self._start + len(self._bytes) // BYTES_PER_SAMPLE

    def append(self, audio: bytes) -> None:
        """Add s16le samples."""
        self._bytes += audio

    def read(self, start: int, end: int) -> Samples:
        """A copy of the samples from `start` up to `end`, both inside the window."""
        first, last = ((sample - self._start) * BYTES_PER_SAMPLE for sample in (start, end))
        return np.frombuffer(bytes(self._bytes[first:last]), np.int16)

    def forget_before(self, sample: int) -> None:
        """Drop what lies before a sample."""
        count = min(sample, self.end) - self._start
        if count > 0:
            del self._bytes[: count * BYTES_PER_SAMPLE]
            self._start += count
