"""What is spoken of a request."""

import pytest
from riva.client.proto import riva_tts_pb2

from gateway.riva.spoken_text import spoken_text
from livetranslate.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (" Hello. ", "Hello."),
        ("a < b & c", "a < b & c"),
        ("<speak>Hello <emphasis>to</emphasis> all.</speak>", "Hello to all."),
        ("<speak version='1.0'>\n  One.\n  <break time='1s'/>Two.</speak>", "One. Two."),
    ],
)
def test_markup_is_left_out(text: str, spoken: str) -> None:
    """Of SSML the words are left; other texts are as they are."""
    assert spoken_text(riva_tts_pb2.SynthesizeSpeechRequest(text=text)) == spoken


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", "TEXT_EMPTY"),
        ("<speak></speak>", "TEXT_EMPTY"),
        ("a" * 5_001, "TEXT_TOO_LONG"),
        ("<speak>" + "<p/>" * 5_000 + "</speak>", "TEXT_TOO_LONG"),
        ("<speak>open", "SSML_INVALID"),
        ("<speak><!DOCTYPE x [<!ENTITY a 'b'>]>&a;</speak>", "SSML_INVALID"),
    ],
)
def test_what_cannot_be_spoken_is_refused(text: str, reason: str) -> None:
    """With what is wrong, and without the text."""
    with pytest.raises(InvalidArgumentError) as raised:
        spoken_text(riva_tts_pb2.SynthesizeSpeechRequest(text=text))
    assert raised.value.reason == reason
    assert "open" not in raised.value.message
