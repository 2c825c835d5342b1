"""What requests for speech ask for."""

from typing import Any

import pytest

from gateway.web.speech_format import FORMATS
from gateway.web.speech_wish import MAX_TEXT_CHARACTERS, SpeechWish
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, NotFoundError
from livetranslate.v1 import tts_pb2

VOICES = [
    tts_pb2.Voice(name=name, language_code=language, model=model)
    for name, language, model in (
        ("emma", "en-GB", "tts_x"),
        ("carl", "en", "tts_x"),
        ("anna", "de", "tts_y"),
        ("speaker", "fr", "tts_z"),
    )
]


def wish(**body: Any) -> SpeechWish:
    return SpeechWish.of({"model": "tts-1", "voice": "alloy", "input": "Hello.", **body}, VOICES)


@pytest.mark.parametrize(
    ("body", "voice", "language"),
    [
        ({}, "", "en"),
        ({"language": "de"}, "", "de"),
        ({"model": "tts_x"}, "carl", "en"),
        ({"model": "tts_x", "language": "en-GB"}, "emma", "en-GB"),
        ({"voice": "anna"}, "anna", "de"),
        ({"voice": {"id": "tts_y.anna"}, "language": "de-AT"}, "anna", "de-AT"),
    ],
)
def test_who_speaks(body: dict[str, Any], voice: str, language: str) -> None:
    """A voice brings its language; OpenAI's voices are the default of one, or a model's first."""
    told = wish(**body)
    assert (told.voice, told.language) == (voice, language)


def test_what_is_said_and_how() -> None:
    """MP3 at the voice's own pace, unless said otherwise."""
    told = wish(input=" Hello. ", instructions="Calmly.")
    assert (told.text, told.speaking_rate, told.written) == ("Hello.", 1.0, FORMATS["mp3"])
    told = wish(speed=2, response_format="wav", stream_format="audio")
    assert (told.speaking_rate, told.written) == (2.0, FORMATS["wav"])


@pytest.mark.parametrize(
    ("body", "kind", "param"),
    [
        ({"model": None}, InvalidArgumentError, "model"),
        ({"model": 7}, InvalidArgumentError, "model"),
        ({"model": "gpt-9"}, NotFoundError, "model"),
        ({"model": "tts_z"}, NotFoundError, "model"),
        ({"voice": ""}, InvalidArgumentError, "voice"),
        ({"voice": "nobody"}, InvalidArgumentError, "voice"),
        ({"voice": "speaker"}, InvalidArgumentError, "voice"),
        ({"voice": "anna", "language": "en"}, InvalidArgumentError, "voice"),
        ({"language": "fr"}, InvalidArgumentError, "language"),
        ({"model": "tts_y"}, InvalidArgumentError, "language"),
        ({"input": " "}, InvalidArgumentError, "input"),
        ({"input": "a" * (MAX_TEXT_CHARACTERS + 1)}, InvalidArgumentError, "input"),
        ({"response_format": "midi"}, InvalidArgumentError, "response_format"),
        ({"stream_format": "sse"}, InvalidArgumentError, "stream_format"),
        ({"speed": 0}, InvalidArgumentError, "speed"),
        ({"speed": 4.0}, InvalidArgumentError, "speed"),
        ({"speed": "fast"}, InvalidArgumentError, "speed"),
    ],
)
def test_what_cannot_be_had_is_refused(body: dict[str, Any], kind: type[LiveTranslateError], param: str) -> None:
    """With the name of the field, and little of what was sent."""
    with pytest.raises(kind) as raised:
        wish(**body)
    assert raised.value.metadata["param"] == param
    assert len(raised.value.message) < 300
