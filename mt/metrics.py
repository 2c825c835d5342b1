"""What mt measures. Exported as `livetranslate.telemetry` says."""

from functools import lru_cache
from typing import Final

from livetranslate import names
from livetranslate.metrics import QueueDepth, counter, histogram, show_retries
from livetranslate.models import primary
from livetranslate.telemetry import trace_context
from livetranslate.triton import TRITON
from mt.answer import Answer, Revision

_SUPERSEDED_DRAFT: Final = {names.REASON: "draft_superseded"}
_FAILED_DRAFT: Final = {names.REASON: "draft_failed"}

_translations = counter(names.TRANSLATIONS)
_quality = histogram(names.TRANSLATION_QUALITY)
_drops = counter(names.DROPS)

finals_waiting = QueueDepth("final")
"""Finals that are not translated yet, of all streams."""


def show_from_start() -> None:
    """Let what is counted begin at 0, so that the first is seen to come."""
    show_retries(TRITON)
    _drops.add(0, _SUPERSEDED_DRAFT)
    _drops.add(0, _FAILED_DRAFT)


def note_answer(answer: Answer) -> None:
    """Count a final translation, and how good it seems; what is no translation, a transcript told as it is, is none."""
    if isinstance(answer, Revision) and answer.is_final and answer.model:
        _translations.add(1, _attributes(answer.model, primary(answer.language_code)))
        _quality.record(answer.quality, {names.MODEL: answer.model}, trace_context(answer.traceparent))


def count_superseded_draft() -> None:
    """A draft was given up while it was made, for a newer text."""
    _drops.add(1, _SUPERSEDED_DRAFT)


def count_failed_draft() -> None:
    """A draft was not made, most often for lack of time."""
    _drops.add(1, _FAILED_DRAFT)


@lru_cache(maxsize=1024)  # models by languages
def _attributes(model: str, language: str) -> dict[str, str]:
    return {names.MODEL: model, names.LANGUAGE: language}
