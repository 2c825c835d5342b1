"""Where a session goes on that has been broken off."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.events import Position, Summary, Transcript


@dataclass(frozen=True, slots=True)
class Resumption:
    """What is stored of it."""

    position: Position
    recognized_sample: int  # the end of the last stored segment; it may lie behind the position
    last_event_number: int
    totals: Summary
    untranslated: Sequence[tuple[Transcript, Sequence[str]]] = field(default=())  # and the languages that are missing
    context: Sequence[Transcript] = ()  # the last segments before those
