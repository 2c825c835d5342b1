"""What the caller has been given for good, so that a resumed session repeats nothing."""

from typing import Final, NamedTuple

from livetranslate.v1 import gateway_pb2

_MAX_PARTS: Final = 10_000  # only a server that never checkpoints lets it come to so many: hours of speech


class _Part(NamedTuple):
    """One of the texts or stretches of speech of a segment."""

    segment_id: str
    kind: str
    language_code: str = ""
    clause: int = 0


class Given:
    """The parts whose last piece the caller has. Of those nothing more is of use: no final again, no draft, no speech.

    Parts before the watermark are forgotten. Their texts count as given: a server sends one again only in a language
    that was no target for a while. Beyond 10,000 parts the oldest are forgotten, too; all of so old a segment counts as
    given.
    """

    def __init__(self) -> None:
        self._complete: dict[_Part, None] = {}  # a set in the order of arrival
        self._horizon = ""
        self._last_settled = ""  # segments up to it are before the watermark; their speech may still come

    def admit(self, event: gateway_pb2.SessionEvent) -> bool:
        """Whether the caller is to have the event; notes it, if it is the last of its part."""
        part, is_last = _part(event)
        if part is None:
            return True
        horizon = self._horizon if part.kind == "speech" else max(self._horizon, self._last_settled)
        if part in self._complete or part.segment_id <= horizon:
            return False
        if is_last:
            self._complete[part] = None
            if len(self._complete) > _MAX_PARTS:
                oldest = next(iter(self._complete))
                del self._complete[oldest]
                self._horizon = max(self._horizon, oldest.segment_id)
        return True

    def forget_before(self, sample: int) -> None:
        """Forgets the segments that start before a sample: they are durable, and not sent again."""
        first_kept = f"{sample:012}"
        for part in [part for part in self._complete if part.segment_id < first_kept]:
            del self._complete[part]
            self._last_settled = max(self._last_settled, part.segment_id)


def _part(event: gateway_pb2.SessionEvent) -> tuple[_Part | None, bool]:
    """The part that an event belongs to, and whether it is that part's last."""
    match event.WhichOneof("event"):
        case "transcript":
            transcript = event.transcript.revision
            return _Part(transcript.segment_id, "transcript"), transcript.is_final
        case "translation":
            translation = event.translation.revision
            return _Part(translation.segment_id, "translation", translation.language_code), translation.is_final
        case "speech":
            audio = event.speech.audio
            return _Part(audio.segment_id, "speech", event.speech.language_code, audio.clause), audio.is_last
    return None, False
