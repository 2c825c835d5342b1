"""Our own options, which a Riva client can give as `custom_configuration`. Keys that are not ours are passed over."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from livetranslate.errors import InvalidArgumentError

_YES = {"true", "1", "yes"}


@dataclass(frozen=True, slots=True)
class CustomOptions:
    """What a session may have that Riva knows nothing of.

    Attributes:
        title: The session's name for people.
        glossary: Lines of tab-separated terms (see `GlossaryFormat`).
        session_id: A session to go on with instead of a new one.
        resume_token: What it takes.
        audio_offset_seconds: Where the audio to come starts in that session; None: where the server goes on.
        answers_each_chunk: Whether each message of audio is to have one answer, for clients that count them.
    """

    title: str = ""
    glossary: str = ""
    session_id: str = ""
    resume_token: str = ""
    audio_offset_seconds: float | None = None
    answers_each_chunk: bool = False


def custom_options(custom: Mapping[str, str]) -> CustomOptions:
    """Read them.

    Raises:
        InvalidArgumentError: An offset is no number.
    """
    return CustomOptions(
        title=custom.get("title", ""),
        glossary=custom.get("glossary", ""),
        session_id=custom.get("session_id", ""),
        resume_token=custom.get("resume_token", ""),
        audio_offset_seconds=_seconds(custom["audio_offset_seconds"]) if "audio_offset_seconds" in custom else None,
        answers_each_chunk=custom.get("answer_each_chunk", "").lower() in _YES,
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= 1e9:  # also not a number; thirty years
        message = "`custom_configuration.audio_offset_seconds` is no time. Say seconds, e.g. 12.5."
        raise InvalidArgumentError("AUDIO_OFFSET_INVALID", message)
    return seconds
