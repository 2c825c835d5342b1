"""What a request for speech asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.cloning import SPEAKER
from gateway.web.speech_format import FORMATS, Written
from livetranslate.errors import InvalidArgumentError, NotFoundError
from livetranslate.models import is_spoken_by
from livetranslate.v1 import tts_pb2

OPENAI_SYNTHESIZERS: Final = frozenset({"tts-1", "tts-1-hd", "gpt-4o-mini-tts"})
"""Names that programs bring along: whichever model has the voice."""
OPENAI_VOICES: Final = frozenset(
    ["alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse"]
)
"""The same: the default voice of the language."""

MAX_TEXT_CHARACTERS = 4_096  # OpenAI's limit, within that of tts
_MIN_SPEED, _MAX_SPEED = 0.5, 2.0  # what voices can do
_DEFAULT_LANGUAGE = "en"
_SHOWN = 60  # characters of what was sent, in an error
_LISTED = 40  # voices or languages; eSpeak NG has hundreds


@dataclass(frozen=True, slots=True)
class SpeechWish:
    """One request."""

    text: str
    language: str
    voice: str
    written: Written
    speaking_rate: float

    @classmethod
    def of(cls, body: Mapping[str, Any], voices: Sequence[tts_pb2.Voice]) -> "SpeechWish":
        """Read a body.

        Raises:
            InvalidArgumentError: A field has a value that it cannot have.
            NotFoundError: There is no such model.
        """
        voice, language = _voice(body, _spoken_by(_string(body, "model"), voices))
        if _string(body, "stream_format", "audio") != "audio":
            message = "`stream_format` is not supported but as audio. Read the answer while it comes."
            raise InvalidArgumentError("STREAM_FORMAT_INVALID", message, param="stream_format")
        return cls(_text(body), language, voice, _written(body), _speed(body))


def _string(body: Mapping[str, Any], name: str, default: str = "") -> str:
    value = body.get(name) or default
    if not isinstance(value, str):
        raise InvalidArgumentError("FIELD_INVALID", f"`{name}` is no string.", param=name)
    return value.strip()


def _text(body: Mapping[str, Any]) -> str:
    text = _string(body, "input")
    if not text:
        raise InvalidArgumentError("TEXT_EMPTY", "`input` is empty. Say what to speak.", param="input")
    if len(text) > MAX_TEXT_CHARACTERS:
        message = f"`input` has {len(text):,} characters; at most {MAX_TEXT_CHARACTERS:,} are allowed. Send parts."
        raise InvalidArgumentError("TEXT_TOO_LONG", message, param="input")
    return text


def _spoken_by(model: str, voices: Sequence[tts_pb2.Voice]) -> list[tts_pb2.Voice]:
    """The voices of a model. That of the speaker is for sessions, which have one."""
    if not model:
        raise InvalidArgumentError("MODEL_MISSING", "`model` is missing. GET /v1/models lists them.", param="model")
    offered = [voice for voice in voices if voice.name != SPEAKER]
    found = [voice for voice in offered if model in OPENAI_SYNTHESIZERS or voice.model == model]
    if not found:
        names = ", ".join(sorted({voice.model for voice in offered})) or "none"
        message = f"No model {model[:_SHOWN]!r} speaks. Models: {names}; or tts-1: any of them."
        raise NotFoundError("MODEL_NOT_FOUND", message, param="model")
    return found


def _voice(body: Mapping[str, Any], voices: Sequence[tts_pb2.Voice]) -> tuple[str, str]:
    """A voice and the language it is to speak: its own, unless `language` says another."""
    named = body.get("voice")
    name = _string(named, "id") if isinstance(named, dict) else _string(body, "voice")
    if not name:
        raise InvalidArgumentError("VOICE_MISSING", "`voice` is missing. GET /v1/models lists them.", param="voice")
    language = _string(body, "language") or (_DEFAULT_LANGUAGE if name in OPENAI_VOICES else "")
    speaking = _speaking(language, voices)
    if name in OPENAI_VOICES:
        return ("" if _is_any_model(body) else speaking[0].name), language
    for voice in speaking:
        if name in (voice.name, f"{voice.model}.{voice.name}"):
            return voice.name, language or voice.language_code
    names = ", ".join(sorted({voice.name for voice in speaking})[:_LISTED])
    message = f"There is no voice {name[:_SHOWN]!r} for that model and language. Voices: {names}; or alloy: any."
    raise InvalidArgumentError("VOICE_NOT_SUPPORTED", message, param="voice")


def _speaking(language: str, voices: Sequence[tts_pb2.Voice]) -> list[tts_pb2.Voice]:
    """The voices for a language, those of just that one first; all where none is named."""
    speaking = [voice for voice in voices if not language or is_spoken_by(voice.language_code, language)]
    if not speaking:
        languages = ", ".join(sorted({voice.language_code for voice in voices})[:_LISTED])
        message = f"No voice speaks {language[:_SHOWN]!r}. Languages: {languages}; name one as `language`."
        raise InvalidArgumentError("VOICE_NOT_SUPPORTED", message, param="language")
    return sorted(speaking, key=lambda voice: voice.language_code.lower() != language.lower())


def _is_any_model(body: Mapping[str, Any]) -> bool:
    return _string(body, "model") in OPENAI_SYNTHESIZERS


def _written(body: Mapping[str, Any]) -> Written:
    named = _string(body, "response_format", "mp3")
    if named not in FORMATS:
        message = f"`response_format` is {named[:_SHOWN]!r}; valid is {', '.join(FORMATS)}."
        raise InvalidArgumentError("RESPONSE_FORMAT_INVALID", message, param="response_format")
    return FORMATS[named]


def _speed(body: Mapping[str, Any]) -> float:
    speed = 1.0 if body.get("speed") is None else body["speed"]
    if not isinstance(speed, int | float) or not _MIN_SPEED <= speed <= _MAX_SPEED:
        message = f"`speed` is not between {_MIN_SPEED} and {_MAX_SPEED}, which is what voices here can do."
        raise InvalidArgumentError("SPEED_INVALID", message, param="speed")
    return float(speed)
