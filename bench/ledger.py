"""A session's one clock as its client sees it: what was sent must be speech or silence, to the sample."""

from dataclasses import dataclass

from livetranslate.v1 import gateway_pb2
from livetranslate.wire import samples_of_duration


@dataclass(slots=True)
class Ledger:
    """Counts a session's samples; as small after an hour as at the beginning.

    Attributes:
        sent: Samples sent.
        received: Samples that the server says it received.
        speech: Samples that the server says were speech.
        silence: Samples between final segments, counted here.
        overlaps: Final segments that begin before the one before has ended.
    """

    sent: int = 0
    received: int = 0
    speech: int = 0
    silence: int = 0
    overlaps: int = 0
    segment_count: int = 0
    checkpoint: int = 0
    _end: int = 0

    def receive(self, event: gateway_pb2.SessionEvent) -> None:
        """Note an event."""
        match event.WhichOneof("event"):
            case "transcript" if event.transcript.revision.is_final:
                revision = event.transcript.revision
                self._add_segment(samples_of_duration(revision.start_offset), samples_of_duration(revision.end_offset))
            case "checkpoint":
                self.checkpoint = samples_of_duration(event.checkpoint.durable_offset)
            case "summary":
                self.received = samples_of_duration(event.summary.audio_duration)
                self.speech = samples_of_duration(event.summary.speech_duration)
                self.silence += self.received - self._end

    @property
    def drift(self) -> int:
        """Samples that the clocks of client and server differ by."""
        return self.received - self.sent

    @property
    def unaccounted(self) -> int:
        """Samples received that were neither speech nor silence, or both."""
        return self.received - self.speech - self.silence

    def _add_segment(self, start: int, end: int) -> None:
        self.overlaps += start < self._end
        self.silence += start - self._end
        self._end = end
        self.segment_count += 1
