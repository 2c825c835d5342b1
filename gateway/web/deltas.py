"""A text that only grows, out of segments that grow side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from livetranslate.v1 import gateway_pb2
from livetranslate.words import space_between


@dataclass(slots=True)
class _Growing:
    text: str = ""
    is_final: bool = False
    told_characters: int = 0


class Deltas:
    """What is new of a transcript, or of a translation into one language.

    Only the first segment that is not final is told; what is known of those after it waits, so that the pieces, put
    together as they come, are the text.
    """

    def __init__(self, target: str) -> None:
        """Have told nothing yet; an empty target is what was said itself."""
        self._kind = "translation" if target else "transcript"
        self._growing: dict[str, _Growing] = {}
        self._before = ""  # the newest piece that was told

    def receive(self, event: gateway_pb2.SessionEvent) -> str:
        """What an event adds to the text; most often nothing."""
        if event.WhichOneof("event") != self._kind:
            return ""
        revision = getattr(event, self._kind).revision
        growing = self._growing.setdefault(revision.segment_id, _Growing())
        growing.text, growing.is_final = revision.committed_text, revision.is_final
        return "".join(self._new_pieces())

    def _new_pieces(self) -> Iterator[str]:
        for segment_id in sorted(self._growing):
            growing = self._growing[segment_id]
            if piece := growing.text[growing.told_characters :]:
                yield self._spaced(piece, is_first=not growing.told_characters)
                growing.told_characters = len(growing.text)
            if not growing.is_final:
                return
            del self._growing[segment_id]

    def _spaced(self, piece: str, *, is_first: bool) -> str:
        before, self._before = self._before, piece
        return (space_between(before, piece) if is_first and before else "") + piece
