"""The audio that asr may have to hear again, and how far it has heard it.

It begins where recognition could begin anew, so whatever happens to asr, another replica gets the same audio from
there, with the same marks at the same samples.
"""

from collections import deque
from dataclasses import dataclass

from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ, samples_of_ms

MAX_SAMPLES = 90 * SAMPLE_RATE_HERTZ  # 2.9 MB: the longest segment, and a minute without asr; then the client waits

MESSAGE_SAMPLES = samples_of_ms(100)  # as clients send it: of two chunks the first would have to wait for the other
GATHERED_SAMPLES = samples_of_ms(480)  # a fifth of the messages; finals come up to 0.38 s later
_MAX_MESSAGE_SAMPLES = 8 * SAMPLE_RATE_HERTZ


@dataclass(frozen=True, slots=True)
class Flush:
    """A mark: the segment ends here."""


class Backlog:
    """A window over the session's audio with a cursor in it."""

    def __init__(self, start_sample: int = 0) -> None:
        """Begin empty at a sample."""
        self._audio = bytearray()
        self._start = start_sample
        self._cursor = start_sample
        self._flushes: deque[int] = deque()
        self._flushes_sent = 0
        self.message_samples = MESSAGE_SAMPLES
        """The least audio in a message, but for one that has to leave."""

    @property
    def end_sample(self) -> int:
        """The sample after the last one received."""
        return self._start + len(self._audio) // BYTES_PER_SAMPLE

    @property
    def has_room(self) -> bool:
        """Whether more may come; whoever brings audio waits otherwise."""
        return self.end_sample - self._start < MAX_SAMPLES

    def append(self, audio: bytes) -> None:
        """Add s16le samples."""
        self._audio += audio

    def mark_flush(self) -> None:
        """The segment ends after the audio that has come."""
        if not self._flushes or self._flushes[-1] != self.end_sample:  # marks without audio between must not pile up
            self._flushes.append(self.end_sample)

    def rewind(self) -> None:
        """Everything is to be heard again."""
        self._cursor = self._start
        self._flushes_sent = 0

    def next_piece(self, *, is_ending: bool = False) -> bytes | Flush | None:
        """The next audio or mark to be heard; None where there is not enough for a message and none has to leave.

        Args:
            is_ending: Whether the last samples leave, however few.
        """
        flush = self._flushes[self._flushes_sent] if self._flushes_sent < len(self._flushes) else None
        if flush == self._cursor:
            self._flushes_sent += 1
            return Flush()
        end = min(flush or self.end_sample, self._cursor + _MAX_MESSAGE_SAMPLES)
        if end == self._cursor or (end - self._cursor < self.message_samples and flush is None and not is_ending):
            return None
        piece = self.read(self._cursor, end)
        self._cursor = end
        return piece

    def forget_before(self, sample: int) -> bytes:
        """Drop the audio before a sample and return it; marks go with it."""
        sample = min(sample, self.end_sample)  # asr counts in whole frames at the end
        if sample <= self._start:
            return b""
        dropped = self.read(self._start, sample)
        del self._audio[: len(dropped)]
        self._start = sample
        self._cursor = max(self._cursor, sample)
        while self._flushes and self._flushes[0] <= sample and self._flushes_sent:
            self._flushes.popleft()
            self._flushes_sent -= 1
        return dropped

    def read(self, start: int, end: int) -> bytes:
        """The audio of a range, as far as it is still here."""
        first, last = (max(0, sample - self._start) * BYTES_PER_SAMPLE for sample in (start, end))
        return bytes(memoryview(self._audio)[first:last])
