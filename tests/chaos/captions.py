"""When captions came: how long a client saw nothing new, and when it did again."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

from livetranslate.v1 import gateway_pb2
from livetranslate.wire import samples_of_duration


@dataclass
class Captions:
    """The moments at which a session's transcript, partial or final, reached further into the audio than before.

    What is sent again after a fault and was seen already is no news.
    """

    news_at: list[float] = field(default_factory=list)
    frontier_sample: int = 0

    def receive(self, event: gateway_pb2.SessionEvent, now: float) -> None:
        """Note an event."""
        if not event.HasField("transcript"):
            return
        end = samples_of_duration(event.transcript.revision.end_offset)
        if end > self.frontier_sample:
            self.frontier_sample = end
            self.news_at.append(now)

    @property
    def pauses(self) -> list[float]:
        """The times between one piece of news and the next."""
        return [after - before for before, after in pairwise(self.news_at)]

    def next_after(self, moment: float) -> float | None:
        """When news came next; None where none came any more."""
        index = bisect_right(self.news_at, moment)
        return self.news_at[index] if index < len(self.news_at) else None

    def wait_after(self, moment: float) -> float | None:
        """How long after a moment news came."""
        then = self.next_after(moment)
        return None if then is None else then - moment

    def longest_pause(self, start: float, end: float) -> float | None:
        """The longest time without news from `start` until the first news after `end`."""
        if (last := self.next_after(end)) is None:
            return None
        between = self.news_at[bisect_left(self.news_at, start) : bisect_right(self.news_at, last)]
        return max(after - before for before, after in pairwise([start, *between]))
