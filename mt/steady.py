"""Drafts that stay calm: of what a draft says, only what the draft before it, or what is shown already, says too.

A draft is a translation of words that may still change, and of a sentence that is not over: its end is often another
one half a second later. Shown as they come, drafts took back 0.66 words for each that stayed (Apertium, 24 sentences);
what two in a row agree on comes one draft later, and took back 0.1. The first is shown as it is.

It is LocalAgreement-2 (Liu, Spanakis and Niehues, "Low-Latency Sequence-to-Sequence Speech Recognition and Translation
by Partial Hypothesis Selection", Interspeech 2020) for text that is shown instead of committed.
"""

from collections.abc import Sequence
from itertools import takewhile

from livetranslate.models import primary
from mt.joining import SPACELESS


class SteadyDraft:
    """The drafts of one segment."""

    def __init__(self, language_code: str) -> None:
        """Show nothing yet."""
        self._space = "" if primary(language_code) in SPACELESS else " "
        self._draft: list[str] = []
        self._shown: list[str] = []

    def receive(self, text: str) -> None:
        """Take the committed text with the newest draft after it."""
        draft = self._parts(text)
        agreed = max(_agreed(draft, self._draft), _agreed(draft, self._shown)) if self._draft else len(draft)
        self._draft, self._shown = draft, draft[:agreed]

    def after(self, committed: str) -> str:
        """What is shown after the committed text; nothing where that has turned out otherwise."""
        parts = self._parts(committed)
        return self._space.join(self._shown[len(parts) :]) if parts == self._shown[: len(parts)] else ""

    def _parts(self, text: str) -> list[str]:
        return text.split() if self._space else list(text)


def _agreed(first: Sequence[str], second: Sequence[str]) -> int:
    """How many parts two texts begin with together."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
