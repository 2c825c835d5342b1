"""Answers as OpenAI's clients read them."""

import json

import pytest
from openai.types.audio import Transcription, TranscriptionVerbose, TranslationVerbose

from gateway.web.transcript import Transcript
from gateway.web.wish import Wish
from gateway.web.written import brief, server_sent, verbose
from livetranslate.v1 import asr_pb2, gateway_pb2
from livetranslate.wire import duration_of_seconds
from tests.gateway.web.events import spoken, translated
from tests.gateway.web.forms import form

RECOGNIZERS = [asr_pb2.Recognizer(model="asr_x", language_codes=["en"])]


def transcript_of(target: str = "") -> Transcript:
    transcript = Transcript(target)
    for event in (
        spoken(1, "Hello to all", words="Hello to all", confidence=0.5),
        translated(1, "Hola a todos"),
        gateway_pb2.SessionEvent(summary=gateway_pb2.SessionSummary(audio_duration=duration_of_seconds(2.25))),
    ):
        transcript.receive(event)
    return transcript


def test_a_brief_answer_is_the_text() -> None:
    """And what it took, in whole seconds."""
    told = Transcription.model_validate(brief(transcript_of()), strict=True)
    assert told.text == "Hello to all"
    assert told.usage is not None
    assert told.usage.type == "duration"
    assert told.usage.seconds == 3


def test_a_verbose_answer_has_all_that_its_type_wants() -> None:
    """Confidence is told as the logarithm that it is with Whisper."""
    wish = Wish.of(form(**{"timestamp_granularities[]": ["word", "segment"]}), RECOGNIZERS)
    told = TranscriptionVerbose.model_validate(verbose(transcript_of(), wish), strict=True)
    assert (told.language, told.duration, told.text) == ("en", 2.25, "Hello to all")
    assert told.segments is not None
    assert told.words is not None
    [segment] = told.segments
    assert (segment.id, segment.start, segment.end, segment.text) == (0, 1.0, 2.0, "Hello to all")
    assert segment.avg_logprob == pytest.approx(-0.6931)
    assert [(word.word, word.start, word.end) for word in told.words] == [
        ("Hello", 1.0, 1.25),
        ("to", 1.25, 1.5),
        ("all", 1.5, 1.75),
    ]


def test_a_translation_has_segments_and_no_words() -> None:
    """An engine that does not say how sure it is counts as sure."""
    wish = Wish.of(form(), RECOGNIZERS, "es")
    told = TranslationVerbose.model_validate(verbose(transcript_of("es"), wish), strict=True)
    assert (told.language, told.text) == ("es", "Hola a todos")
    assert told.segments is not None
    assert told.segments[0].avg_logprob == 0
    assert "words" not in verbose(transcript_of("es"), wish)


def test_an_event_of_a_stream_is_one_line() -> None:
    """Whatever is in its text."""
    written = server_sent({"type": "x", "delta": "a\nb \u00e9"}).decode()
    assert written.count("\n") == 2
    assert json.loads(written.removeprefix("data: "))["delta"] == "a\nb \u00e9"
    assert server_sent({}, "error").startswith(b"event: error\ndata: ")
