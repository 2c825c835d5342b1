"""The gateway's requests to asr and mt: what a session was opened with goes along."""

from dataclasses import replace

import pytest

from gateway import messages, requests
from gateway.degradation import Degradation
from gateway.events import Position, Target, Targets, TranslationPolicy
from gateway.options import SessionOptions
from livetranslate.glossary import Glossary, Term
from livetranslate.glossary_message import glossary_to_proto
from livetranslate.v1 import asr_pb2, mt_pb2, types_pb2

GLOSSARY = Glossary((Term("hot plate", {"es": "placa caliente"}), Term("Triton", do_not_translate=True)))
OPTIONS = SessionOptions(("en", "de"), types_pb2.EndpointingOptions(start_threshold=0.75), glossary=GLOSSARY)


def test_asr_is_told_what_may_be_spoken() -> None:
    """The candidates, where speech starts and ends, and the terms as phrases; from where, and with what state."""
    config = requests.asr_config("auto", OPTIONS, "s", Position(16_000, b"state"), "trace").config
    assert (config.language_code, list(config.candidate_language_codes)) == ("auto", ["en", "de"])
    assert (config.endpointing, list(config.phrases)) == (OPTIONS.endpointing, ["hot plate", "Triton"])
    assert (config.start_offset.seconds, config.state, config.session_trace.traceparent) == (1, b"state", "trace")


@pytest.mark.parametrize(
    ("step", "seconds", "is_final_only"),
    [
        (Degradation.NONE, 0, False),
        (Degradation.WIDER_STEPS, 1, False),
        (Degradation.NO_DRAFTS, 1, False),
        (Degradation.NO_PARTIALS, 1, True),
    ],
)
def test_asr_is_told_how_closely_to_follow(step: Degradation, seconds: int, *, is_final_only: bool) -> None:
    """At a busy server in steps of a second, and at last not before a segment's end."""
    pace = requests.asr_pace(step).pace
    assert (pace.step_duration.ToSeconds(), pace.is_final_only) == (seconds, is_final_only)


def test_mt_is_told_how_each_target_is_committed() -> None:
    """At the opening, with the glossary, and at each change."""
    targets = Target("es"), Target("de", policy=TranslationPolicy.SEGMENTS)
    config = requests.mt_config("en", OPTIONS, targets, "s").config
    assert config.glossary == glossary_to_proto(GLOSSARY)
    expected = [
        mt_pb2.TranslationTarget(language_code="es"),
        mt_pb2.TranslationTarget(language_code="de", policy=mt_pb2.TRANSLATION_POLICY_SEGMENTS),
    ]
    assert list(config.targets) == expected
    assert list(requests.mt_targets(Targets(targets)).targets.targets) == expected


def test_mt_is_told_all_that_translation_needs_of_a_segment() -> None:
    """Its language, its words, and whether the sentence goes on in the next one; of kept back text nothing."""
    revision = asr_pb2.TranscriptRevision(
        segment_id="a",
        revision=3,
        committed_text="Good morning",
        unstable_text="everyone",
        language_code="en",
        words=[types_pb2.Word(text=text) for text in ("Good", "morning", "everyone")],
        end=asr_pb2.SEGMENT_END_MAX_DURATION,
    )
    transcript = messages.transcript_from_proto(revision)
    segment = requests.mt_segment(transcript, "trace").segment
    assert (segment.committed_text, segment.unstable_text, segment.revision) == ("Good morning", "everyone", 3)
    assert (segment.language_code, segment.is_continued, len(segment.words)) == ("en", True, 3)
    assert segment.trace.traceparent == "trace"
    segment = requests.mt_segment(replace(transcript, unstable_text=""), "").segment
    assert (segment.unstable_text, len(segment.words)) == ("", 2)


def test_tts_is_told_whom_to_imitate() -> None:
    """Until there is something to imitate the default voice stands in; no other voice gets any of it."""
    speaker, ana = Target("es", speech=True, voice="speaker"), Target("es", speech=True, voice="ana")
    opened = [requests.tts_config(target, "s", 0, audio).config for target in (speaker, ana) for audio in (b"", b"ab")]
    told = [(config.voice, config.reference_audio) for config in opened]
    assert told == [("", b""), ("speaker", b"ab"), ("ana", b""), ("ana", b"")]
