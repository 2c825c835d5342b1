"""All that is measured."""

from typing import Final

from bench.engines.openvino_whisper import openvino_whisper
from bench.engines.subject import Subject
from bench.engines.translation import translator
from bench.engines.voice import voice
from bench.engines.whisper import whisper

SUBJECTS: Final[tuple[Subject, ...]] = (
    whisper("tiny"),
    whisper("base"),
    whisper("small"),
    openvino_whisper("tiny"),
    openvino_whisper("base"),
    translator("opus-base"),
    voice("medium"),
)
