"""What asr, mt and tts say, for tests of the core: segments of one second, texts that name them."""

from gateway.events import Position, Speech, Transcript, Translation
from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id

SECOND = SAMPLE_RATE_HERTZ


def partial(second: int, unstable: str = "good", revision: int = 1, committed: str = "") -> Transcript:
    """A revision that may still change."""
    return _transcript(second, committed, unstable, revision, is_final=False)


def final(second: int, text: str = "good morning", revision: int = 9) -> Transcript:
    """A segment's last revision; with an empty text it came to nothing."""
    return _transcript(second, text, "", revision, is_final=True)


def position(second: float, state: bytes = b"") -> Position:
    """A place where recognition can begin anew."""
    return Position(round(second * SECOND), state)


def draft(second: int, language: str = "es", committed: str = "", unstable: str = "buenos") -> Translation:
    """A translation that may still change."""
    return Translation(segment_id(second * SECOND), language, committed, unstable, is_final=False, message=None)


def translated(second: int, language: str = "es", text: str = "buenos días") -> Translation:
    """A segment's last translation."""
    return Translation(segment_id(second * SECOND), language, text, "", is_final=True, message=None)


def spoken(second: int, language: str = "es", *, clause: int = 0, is_last: bool = True, chunk: object = None) -> Speech:
    """A stretch of speech."""
    return Speech(segment_id(second * SECOND), language, is_last=is_last, message=chunk, clause=clause)


def _transcript(second: int, committed: str, unstable: str, revision: int, *, is_final: bool) -> Transcript:
    start = second * SECOND
    return Transcript(
        segment_id(start),
        start,
        start + SECOND,
        committed,
        unstable,
        is_final=is_final,
        message=None,
        revision=revision,
    )
