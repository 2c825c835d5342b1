"""What forms ask for."""

import pytest

from gateway.web.wish import ResponseFormat, Wish
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, NotFoundError, UnavailableError
from livetranslate.v1 import asr_pb2, types_pb2
from tests.gateway.web.forms import form

ENGLISH = asr_pb2.Recognizer(model="asr_english", language_codes=["en"])
MANY = asr_pb2.Recognizer(model="asr_many", language_codes=["de", "en", "fr"])


def test_a_form_with_the_least() -> None:
    """A text, of whatever is spoken."""
    wish = Wish.of(form(), [ENGLISH, MANY])
    assert (wish.source, wish.target, wish.response_format) == ("auto", "", ResponseFormat.JSON)
    assert (wish.is_streamed, wish.has_words, wish.has_segments) == (False, False, True)
    config = wish.config("talk.wav")
    assert (config.source_language_code, config.title, list(config.targets)) == ("auto", "talk.wav", [])
    assert config.audio_format.encoding == types_pb2.AUDIO_ENCODING_CONTAINER
    assert config.committed_only


def test_a_form_with_everything() -> None:
    """Lists may be named with brackets."""
    told = form(
        model="asr_many",
        language="de-AT",
        response_format="verbose_json",
        stream="True",
        prompt="Wien, Graz.",
        **{"timestamp_granularities[]": ["word"], "keywords[]": ["Linz"]},
    )
    wish = Wish.of(told, [ENGLISH, MANY], "es")
    assert (wish.source, wish.target, wish.response_format) == ("de-AT", "es", ResponseFormat.VERBOSE_JSON)
    assert (wish.is_streamed, wish.has_words, wish.has_segments) == (True, True, False)
    config = wish.config("")
    assert [target.language_code for target in config.targets] == ["es"]
    assert [term.source for term in config.glossary.terms] == ["Linz", "Wien", "Graz"]


@pytest.mark.parametrize("model", ["asr_english", "whisper-1"])
def test_the_only_language_needs_no_name(model: str) -> None:
    """And is not translated into itself."""
    wish = Wish.of(form(model=model), [ENGLISH], "en")
    assert (wish.source, wish.target) == ("en", "")
    assert Wish.of(form(model=model, language="auto"), [ENGLISH], "en-US").target == ""


def test_whatever_is_spoken_is_translated() -> None:
    """For it may be another language."""
    wish = Wish.of(form(model="asr_many"), [ENGLISH, MANY], "en")
    assert (wish.source, wish.target) == ("auto", "en")


@pytest.mark.parametrize(
    ("fields", "kind", "param"),
    [
        ({"model": ""}, InvalidArgumentError, "model"),
        ({"model": "gpt-9"}, NotFoundError, "model"),
        ({"model": "asr_english", "language": "de"}, InvalidArgumentError, "language"),
        ({"response_format": "html"}, InvalidArgumentError, "response_format"),
        ({"stream": "perhaps"}, InvalidArgumentError, "stream"),
        ({"timestamp_granularities[]": ["line"]}, InvalidArgumentError, "timestamp_granularities"),
    ],
)
def test_what_cannot_be_had_is_refused(
    fields: dict[str, str | list[str]], kind: type[LiveTranslateError], param: str
) -> None:
    """With the name of the field."""
    with pytest.raises(kind) as raised:
        Wish.of(form(**fields), [ENGLISH, MANY])
    assert raised.value.metadata["param"] == param


def test_a_refusal_repeats_little_of_what_was_sent() -> None:
    """A field may be long."""
    with pytest.raises(NotFoundError) as raised:
        Wish.of(form(model="m" * 100_000), [ENGLISH])
    assert len(raised.value.message) < 300


def test_before_there_are_recognizers() -> None:
    """It is worth to come again."""
    with pytest.raises(UnavailableError):
        Wish.of(form(), [])
