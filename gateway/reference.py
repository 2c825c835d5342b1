"""A stretch of the speaker's own speech, for a voice that imitates them. It is in memory alone, as long as the session.

The first finals that have words are taken as they were said, pauses between them left out, until there is enough. It
does not change after that, so that the voice stays the same. A session that is resumed collects anew.
"""

from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ

LEAST_SAMPLES = 5 * SAMPLE_RATE_HERTZ  # with less, voices that imitate are hardly alike
MOST_SAMPLES = 15 * SAMPLE_RATE_HERTZ  # 480 kB; with more they are no more alike


class Reference:
    """The reference of one session."""

    def __init__(self, *, is_wanted: bool = False) -> None:
        """Collect where it is wanted: where the speaker agrees, and the operator allows it."""
        self.audio = b""
        """The reference, 16 kHz mono s16le; empty until there is enough."""
        self._is_wanted = is_wanted
        self._collected = bytearray()
        self._end_sample = 0  # of what was collected

    def lacks(self, start_sample: int) -> bool:
        """Whether speech that starts there is still needed; what was collected may be told again."""
        return self._is_wanted and not self.audio and start_sample >= self._end_sample

    def receive_speech(self, end_sample: int, audio: bytes) -> None:
        """Take speech that ends there."""
        self._collected += audio
        self._end_sample = end_sample
        if len(self._collected) >= LEAST_SAMPLES * BYTES_PER_SAMPLE:
            self.audio = bytes(self._collected[: MOST_SAMPLES * BYTES_PER_SAMPLE])
            self._collected.clear()
