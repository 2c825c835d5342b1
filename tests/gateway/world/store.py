"""A store that takes things in order, late, and only from the session's owner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gateway.events import Event, Position, Summary, Target, Targets, Transcript, Translation
from gateway.resumption import Resumption
from gateway.session import ToStore


@dataclass
class Store:
    """What is committed of one session, and what is still on the way."""

    targets: list[Target]
    generation: int = 1
    events: list[Event] = field(default_factory=list)
    position: Position = field(default_factory=Position)
    waiting: list[tuple[int, ToStore]] = field(default_factory=list)

    def put(self, generation: int, item: ToStore) -> None:
        self.waiting.append((generation, item))

    def commit(self, on_durable: Callable[[int, ToStore], None]) -> None:
        """Take what is next, unless somebody else owns the session now."""
        generation, item = self.waiting.pop(0)
        if generation < self.generation:
            return
        match item:
            case Event():
                assert item.number == len(self.events) + 1, "a gap in the numbers, or an event twice"
                self.events.append(item)
            case Position():
                assert item.sample >= self.position.sample
                self.position = item
            case Targets():
                self.targets = list(item.targets)
        on_durable(generation, item)

    def lose_after(self, count: int) -> None:
        """Whoever carried it has died; at most what a file had taken, the oldest, is left."""
        del self.waiting[count:]

    @property
    def segments(self) -> list[Transcript]:
        return [event.body for event in self.events if isinstance(event.body, Transcript)]

    @property
    def translations(self) -> list[Translation]:
        return [event.body for event in self.events if isinstance(event.body, Translation)]

    def missing(self, segment: Transcript) -> list[str]:
        """The languages whose translations of a segment are not there."""
        found = {body.language for body in self.translations if body.segment_id == segment.segment_id}
        return [language for language in segment.target_languages if language not in found]

    def take_over(self, targets: Sequence[Target]) -> Resumption:
        """Change the owner; what is known of the session is what is committed now, and which targets there are."""
        self.generation += 1
        wanted = {target.language for target in [*targets, *self.targets]}
        segments = self.segments
        return Resumption(
            position=self.position,
            recognized_sample=max((segment.end_sample for segment in segments), default=0),
            last_event_number=len(self.events),
            totals=Summary(
                "s",
                speech_samples=sum(segment.end_sample - segment.start_sample for segment in segments),
                segment_count=len(segments),
                translation_count=len(self.translations),
                word_count=sum(len(segment.committed_text.split()) for segment in segments),
            ),
            untranslated=[
                (_read(body), missing)
                for body in segments
                if (missing := [language for language in self.missing(body) if language in wanted])
            ],
        )


def _read(segment: Transcript) -> Transcript:
    """A segment as it comes out of the store: how often it was revised is not kept."""
    return replace(segment, revision=0, target_languages=())
