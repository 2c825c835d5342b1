"""All that is measured."""

from typing import Final

from bench.engines.subject import Subject
from bench.engines.translation import translator
from bench.engines.voice import voice
from bench.engines.whisper import whisper

SUBJECTS: Final[tuple[Subject, ...]] = (
    whisper("tiny"),
    whisper("base"),
    whisper("small"),
    translator("opus-base"),
    voice("medium"),
)
