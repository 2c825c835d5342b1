"""What tts measures. Exported as `livetranslate.telemetry` says."""

from typing import Final

from livetranslate import names
from livetranslate.metrics import QueueDepth, counter, show_retries
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.triton import TRITON
from tts.answer import Answer, Skip
from tts.utterance import Voice

_SKIPPED_SPEECH: Final = {names.REASON: "speech_skipped"}

_speech = counter(names.SPEECH_MADE)
_drops = counter(names.DROPS)

texts_waiting = QueueDepth("text")
"""Texts that are not spoken yet, of all streams."""


def show_from_start() -> None:
    """Let what is counted begin at 0, so that the first is seen to come."""
    show_retries(TRITON)
    _drops.add(0, _SKIPPED_SPEECH)


def count_speech(voice: Voice, size_bytes: int) -> None:
    """So much was spoken."""
    seconds = size_bytes / BYTES_PER_SAMPLE / voice.sample_rate_hertz
    _speech.add(seconds, {names.MODEL: voice.model, names.LANGUAGE: voice.language})


def note_answer(answer: Answer) -> None:
    """Count a text that was left out, to keep up."""
    if isinstance(answer, Skip):
        _drops.add(1, _SKIPPED_SPEECH)
