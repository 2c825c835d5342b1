"""A text of a Riva client as tts takes it."""

from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from livetranslate.errors import InvalidArgumentError

MAX_TEXT_CHARACTERS = 5_000  # as many as tts takes at once

_SSML = "<speak"


def spoken_text(request: Any) -> str:
    """What to say: of SSML the words, for voices differ in what else they understand.

    Raises:
        InvalidArgumentError: There is nothing to say, or too much, or the speaker of a recording is to be imitated.
    """
    if request.zero_shot_data.audio_prompt:
        message = "The voice of a recording cannot be imitated by this call. Name a voice, or none."
        raise InvalidArgumentError("VOICE_CLONING_NOT_SUPPORTED", message)
    text = str(request.text).strip()
    if text.startswith(_SSML):
        text = _words(text)
    if not text:
        raise InvalidArgumentError("TEXT_EMPTY", "`text` is empty. Say what to speak.")
    if len(text) > MAX_TEXT_CHARACTERS:
        message = f"`text` has {len(text):,} characters; at most {MAX_TEXT_CHARACTERS:,} are allowed. Send it in parts."
        raise InvalidArgumentError("TEXT_TOO_LONG", message, limit=str(MAX_TEXT_CHARACTERS))
    return text


def _words(ssml: str) -> str:
    if len(ssml) > 4 * MAX_TEXT_CHARACTERS:  # markup, at most thrice the words
        message = f"`text` has {len(ssml):,} characters of SSML. Send it in parts."
        raise InvalidArgumentError("TEXT_TOO_LONG", message, limit=str(4 * MAX_TEXT_CHARACTERS))
    try:
        root = ElementTree.fromstring(ssml)
    except (ParseError, DefusedXmlException):
        raise InvalidArgumentError("SSML_INVALID", "`text` begins with <speak> and is no SSML.") from None
    return " ".join(" ".join(root.itertext()).split())
