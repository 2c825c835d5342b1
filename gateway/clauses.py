"""One segment's translation into one language on its way through tts: clause by clause, as it is committed.

A translation that is made again, by an mt that has begun anew, has the same words: what was given out already is not
given out again. Where its words are others all the same (another model, another policy), what follows after as many
characters is spoken, from the next word on: nothing is said twice, and little is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.events import SpokenClause, Translation


@dataclass(slots=True)
class Clauses:
    """What has been given out, and what of it was not heard to its end."""

    unspoken: list[SpokenClause] = field(default_factory=list)  # in order
    _text: str = ""  # committed so far, whether it was to be spoken or not
    _end_sample: int = 0  # up to where that translates the speech
    _last: SpokenClause | None = None  # the newest one given out

    def receive(self, translation: Translation, *, is_spoken: bool) -> Iterator[SpokenClause]:
        """What a revision adds, if that is to be spoken; after the final one nothing follows."""
        added = _added(self._text, translation.committed_text)
        start = max(self._end_sample, translation.start_sample)
        self._text = translation.committed_text
        if added:
            self._end_sample = max(start, translation.source_end_sample or translation.end_sample)
        if is_spoken and added:
            yield self._give(
                SpokenClause(
                    segment_id=translation.segment_id,
                    language=translation.language,
                    clause=0 if self._last is None else self._last.clause + 1,
                    text=added,
                    is_segment_end=translation.is_final,
                    start_sample=start,
                    end_sample=self._end_sample,
                    traceparent=translation.traceparent,
                )
            )
        elif is_spoken and translation.is_final:
            yield from self.close()

    def close(self) -> Iterator[SpokenClause]:
        """Nothing follows what has been given out, if anything was: a clause without words says so."""
        if self._last is not None and not self._last.is_segment_end:
            clause, end = self._last.clause + 1, self._last.end_sample
            yield self._give(replace(self._last, clause=clause, text="", is_segment_end=True, start_sample=end))

    def awaited(self, clause: int) -> SpokenClause | None:
        """A clause that has not been heard to its end."""
        return next((unspoken for unspoken in self.unspoken if unspoken.clause == clause), None)

    def settle(self, clause: int) -> None:
        """A clause has been heard to its end, and so have those before it."""
        self.unspoken = [unspoken for unspoken in self.unspoken if unspoken.clause > clause]

    def give_up(self) -> None:
        """The next clause cannot be spoken."""
        del self.unspoken[:1]

    def _give(self, clause: SpokenClause) -> SpokenClause:
        self._last = clause
        self.unspoken.append(clause)
        return clause


def _added(known: str, text: str) -> str:
    """What a text says beyond a known one."""
    rest = text[len(known) :]
    if not text.startswith(known) and " " in text:
        rest = rest.partition(" ")[2]
    return rest.strip()
