"""What was heard of one voice.

A stream to tts that breaks is opened anew, and says again what was not heard to its end: the same samples, as it is
told where the speech before ended and so keeps the pace.
"""

from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ
from livetranslate.v1 import tts_pb2
from livetranslate.wire import samples_of_duration


class Playout:
    """The clause that is being spoken, and where the speech before it ends."""

    def __init__(self, spoken_sample: int = 0) -> None:
        """Begin behind the speech that another voice has given."""
        self.spoken_sample = spoken_sample
        """Where, in the session's time, the speech of the clauses that are over ends."""
        self._clause: tuple[str, int] | None = None  # its segment and number
        self._start_sample = 0  # where it is heard
        self._sample_rate_hertz = SAMPLE_RATE_HERTZ
        self._heard_bytes = 0  # of it
        self._passed_bytes = 0  # of it, that this stream has brought

    def begin_again(self) -> None:
        """A new stream says what was not heard to its end."""
        self._passed_bytes = 0

    def unheard(self, audio: tts_pb2.SpeechAudio) -> bytes:
        """What of the next chunk was not heard before."""
        clause = audio.segment_id, audio.clause
        if clause != self._clause:
            self._clause, self._heard_bytes, self._passed_bytes = clause, 0, 0
            self._start_sample = samples_of_duration(audio.playout_offset)
            self._sample_rate_hertz = audio.sample_rate_hertz
        unheard = audio.audio[max(0, self._heard_bytes - self._passed_bytes) :]
        self._passed_bytes += len(audio.audio)
        self._heard_bytes = max(self._heard_bytes, self._passed_bytes)
        return unheard

    def close(self) -> None:
        """The clause is over."""
        if self._clause is not None:
            samples = self._heard_bytes // BYTES_PER_SAMPLE
            self.spoken_sample = self._start_sample + samples * SAMPLE_RATE_HERTZ // self._sample_rate_hertz
            self._clause = None
