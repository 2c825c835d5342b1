"""What a request for a transcript or a translation asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.web.form import Form
from gateway.web.phrases import terms_of
from livetranslate.errors import InvalidArgumentError, NotFoundError, UnavailableError
from livetranslate.models import primary
from livetranslate.spoken import AUTO
from livetranslate.v1 import asr_pb2, gateway_pb2, types_pb2

OPENAI_RECOGNIZERS: Final = frozenset({"whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe"})
"""Names that programs bring along: whichever recognizer there is for the language."""

_GRANULARITIES = {"word", "segment"}
_SHOWN = 60  # characters of what was sent, in an error
_YES, _NO = {"true", "1"}, {"", "false", "0"}


class ResponseFormat(StrEnum):
    """How the answer is written."""

    JSON = "json"
    VERBOSE_JSON = "verbose_json"
    TEXT = "text"
    SRT = "srt"
    VTT = "vtt"


@dataclass(frozen=True, slots=True)
class Wish:
    """One request.

    Attributes:
        source: The spoken language, or "auto".
        target: What to translate into; empty where what is said is wished as it is.
        terms: What is likely to be said.
        is_streamed: Whether the text is told while it is recognized.
        has_words: Whether a verbose answer has words with their times.
        has_segments: Whether it has segments.
    """

    source: str
    target: str
    terms: Sequence[types_pb2.GlossaryTerm]
    response_format: ResponseFormat
    is_streamed: bool
    has_words: bool
    has_segments: bool

    @classmethod
    def of(cls, form: Form, recognizers: Sequence[asr_pb2.Recognizer], target: str = "") -> "Wish":
        """Read a form.

        Raises:
            InvalidArgumentError: A field has a value that it cannot have.
            NotFoundError: There is no such model.
            UnavailableError: There is none at all, yet.
        """
        source = _spoken(form.text("language").strip(), form.text("model"), recognizers)
        is_spoken = source != AUTO and primary(source) == primary(target)
        granularities = _granularities(form)
        return cls(
            source,
            "" if is_spoken else target,
            terms_of(form.text("prompt"), form.list("keywords")),
            _response_format(form),
            _is_streamed(form),
            "word" in granularities,
            "segment" in granularities,
        )

    def config(self, title: str) -> gateway_pb2.SessionConfig:
        """The session's first message."""
        return gateway_pb2.SessionConfig(
            source_language_code=self.source,
            targets=[gateway_pb2.Target(language_code=self.target)] if self.target else [],
            audio_format=types_pb2.AudioFormat(encoding=types_pb2.AUDIO_ENCODING_CONTAINER),
            title=title,
            committed_only=True,
            glossary=types_pb2.Glossary(terms=self.terms),
        )


def _spoken(language: str, model: str, recognizers: Sequence[asr_pb2.Recognizer]) -> str:
    """What is spoken: where no language is named the only one that the model understands, or whichever it is."""
    understood = _understood(model, recognizers)
    if language and language != AUTO:
        if model not in OPENAI_RECOGNIZERS and primary(language) not in {primary(code) for code in understood}:
            message = f"{model} does not understand {language[:_SHOWN]!r}. Languages: {', '.join(sorted(understood))}."
            raise InvalidArgumentError("LANGUAGE_NOT_SUPPORTED", message, param="language")
        return language
    if len(understood) == 1:
        return understood.pop()
    return AUTO


def _understood(model: str, recognizers: Sequence[asr_pb2.Recognizer]) -> set[str]:
    if not model:
        raise InvalidArgumentError("MODEL_MISSING", "`model` is missing. GET /v1/models lists them.", param="model")
    if not recognizers:
        raise UnavailableError("NO_RECOGNIZER", "No recognizer is ready. Try again.")
    named = [one for one in recognizers if model in OPENAI_RECOGNIZERS or one.model == model]
    if not named:
        names = ", ".join(sorted(one.model for one in recognizers)) or "none"
        message = f"There is no recognizer {model[:_SHOWN]!r}. Models: {names}; or whisper-1: any of them."
        raise NotFoundError("MODEL_NOT_FOUND", message, param="model")
    return {code for one in named for code in one.language_codes}


def _response_format(form: Form) -> ResponseFormat:
    named = form.text("response_format", ResponseFormat.JSON)
    try:
        return ResponseFormat(named)
    except ValueError:
        message = f"`response_format` is {named[:_SHOWN]!r}; valid is {', '.join(ResponseFormat)}."
        raise InvalidArgumentError("RESPONSE_FORMAT_INVALID", message, param="response_format") from None


def _is_streamed(form: Form) -> bool:
    named = form.text("stream").lower()
    if named not in _YES | _NO:
        raise InvalidArgumentError(
            "STREAM_INVALID", f"`stream` is {named[:_SHOWN]!r}; valid is true or false.", param="stream"
        )
    return named in _YES


def _granularities(form: Form) -> set[str]:
    named = set(form.list("timestamp_granularities"))
    if not named <= _GRANULARITIES:
        message = "`timestamp_granularities` has something else than word and segment."
        raise InvalidArgumentError("GRANULARITY_INVALID", message, param="timestamp_granularities")
    return named or {"segment"}
