"""Which of the texts that still change are told to the client, to viewers and to the stages behind.

What has been told as committed stays: a hop that has begun anew, and has not caught up with what was told before, is
not heard until it has. Where a partial text is not told nobody translates it either.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.events import Transcript, Translation

Text = TypeVar("Text", Transcript, Translation)


@dataclass(frozen=True, slots=True)
class Telling:
    """How a session's texts are told.

    Attributes:
        committed_only: Whether nothing is shown that may still change.
        partial_interval_samples: The least time between two partials of one segment and language that commit nothing
            new; in the session's audio, so that it does not depend on how fast that comes.
        finals_only: Whether nothing is told before it is final.
    """

    committed_only: bool = False
    partial_interval_samples: int = 0
    finals_only: bool = False

    def shown(self, text: Text, before: Transcript | Translation | None) -> Text | None:
        """A text as it is told after another one of the same segment and language; None where it is not."""
        if text.is_final or self.finals_only:
            return text if text.is_final else None
        known = "" if before is None else before.committed_text
        if not text.committed_text.startswith(known):
            return None
        if self.committed_only:
            text = replace(text, unstable_text="")
        has_grown = len(text.committed_text) > len(known)
        return text if has_grown or (not self.committed_only and self._is_due(text, before)) else None

    def _is_due(self, text: Transcript | Translation, before: Transcript | Translation | None) -> bool:
        return before is None or text.end_sample - before.end_sample >= self.partial_interval_samples


TELL_ALL = Telling()
