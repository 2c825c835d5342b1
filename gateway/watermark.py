"""Up to where everything said is stored.

The watermark stands at the earliest of: what the recognizer still works on, the start of a final segment that is not
stored yet, and the start of one whose translations are not all stored yet or given up.
"""


class Watermark:
    """What keeps the watermark back, and where it is. It only moves forward."""

    def __init__(self, start_sample: int = 0) -> None:
        """Begin at a sample."""
        self._recognized = start_sample
        self._open: dict[str, tuple[int, set[str]]] = {}
        self.sample = start_sample

    def recognized(self, sample: int) -> None:
        """Everything before a sample is in a final segment or was not speech."""
        self._recognized = max(self._recognized, sample)

    def wait_for(self, segment_id: str, start_sample: int, parts: set[str]) -> None:
        """A final segment is to be stored: its transcript and translations, each named by a part."""
        self._open[segment_id] = (start_sample, parts)

    def settle(self, segment_id: str, part: str) -> None:
        """A part is stored, or will never come."""
        if segment_id not in self._open:
            return
        _, parts = self._open[segment_id]
        parts.discard(part)
        if not parts:
            del self._open[segment_id]

    def waiting(self) -> list[tuple[str, str]]:
        """The segments and parts that are not stored."""
        return [(segment_id, part) for segment_id, (_, parts) in self._open.items() for part in parts]

    def advance(self) -> bool:
        """Move as far forward as possible; whether it moved."""
        sample = min([self._recognized, *(start for start, _ in self._open.values())])
        has_moved = sample > self.sample
        self.sample = max(self.sample, sample)
        return has_moved
