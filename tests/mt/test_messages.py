"""Messages on the wire and the core's values."""

from dataclasses import replace

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import mt_pb2, types_pb2
from livetranslate.wire import duration_of_samples, samples_of_duration, seconds_of_duration
from mt.answer import Notice, Revision, Trouble
from mt.job import SourceWord
from mt.messages import answer_to_proto, checked_config, segment_from_proto, targets_from_proto
from mt.policy import Policy
from mt.quality import QualityReason


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (mt_pb2.StreamingTranslateRequest(segment=mt_pb2.SourceSegment()), "CONFIG_EXPECTED"),
        (mt_pb2.StreamingTranslateRequest(), "CONFIG_EXPECTED"),
        (mt_pb2.StreamingTranslateRequest(config=mt_pb2.TranslationConfig()), "LANGUAGE_MISSING"),
        (
            mt_pb2.StreamingTranslateRequest(
                config=mt_pb2.TranslationConfig(source_language_code="en", session_id="x" * 65)
            ),
            "ID_TOO_LONG",
        ),
    ],
)
def test_a_wrong_first_request_is_refused(request_: mt_pb2.StreamingTranslateRequest, reason: str) -> None:
    """The first request must be a complete configuration."""
    with pytest.raises(InvalidArgumentError) as caught:
        checked_config(request_)
    assert caught.value.reason == reason


def test_too_many_targets_are_refused() -> None:
    """Sixteen targets are allowed, seventeen are not."""
    seventeen = [mt_pb2.TranslationTarget(language_code=f"l{number}") for number in range(17)]
    assert len(targets_from_proto(seventeen[:16])) == 16
    with pytest.raises(InvalidArgumentError, match="at most 16"):
        targets_from_proto(seventeen)


def test_a_target_named_twice_is_refused() -> None:
    """Whatever its policies, a target is named once."""
    policies = (mt_pb2.TRANSLATION_POLICY_CLAUSES, mt_pb2.TRANSLATION_POLICY_SEGMENTS)
    twice = [mt_pb2.TranslationTarget(language_code="es", policy=policy) for policy in policies]
    with pytest.raises(InvalidArgumentError, match="twice"):
        targets_from_proto(twice)


def test_a_target_has_a_policy() -> None:
    """A policy is what the target says; one that is not known is chosen by the pair."""
    targets = [mt_pb2.TranslationTarget.FromString(bytes([0x10, number])) for number in (0, 1, 2, 99)]
    policies = [targets_from_proto([target])[0].policy for target in targets]
    assert policies == [Policy.UNSPECIFIED, Policy.CLAUSES, Policy.SEGMENTS, Policy.UNSPECIFIED]


def test_a_segment_is_what_was_said() -> None:
    """A segment has its texts, its words with their samples, and its language, else the session's."""
    message = mt_pb2.SourceSegment(
        segment_id="1",
        revision=3,
        committed_text="good",
        unstable_text="morning",
        is_continued=True,
        words=[types_pb2.Word(text="good", start_offset=duration_of_samples(160), end_offset=duration_of_samples(321))],
    )
    segment = segment_from_proto(message, "en", 5)
    assert (segment.committed_text, segment.unstable_text, segment.text) == ("good", "morning", "good morning")
    assert segment.words == (SourceWord("good", 160, 321),)
    assert (segment.language_code, segment.is_continued, segment.received_seconds) == ("en", True, 5)
    message.language_code = "fr"
    message.is_final = True
    final = segment_from_proto(message, "en", 5)
    assert (final.language_code, final.text) == ("fr", "good")


def test_too_many_words_are_refused() -> None:
    """A segment of thousands of words is none."""
    message = mt_pb2.SourceSegment(segment_id="1", words=[types_pb2.Word(text="so")] * 2001)
    with pytest.raises(InvalidArgumentError, match=r"at most 2,000"):
        segment_from_proto(message, "en", 0)


@pytest.mark.parametrize("segment_id", ["", "x" * 65])
def test_a_segment_needs_an_id(segment_id: str) -> None:
    """A segment without an id, or with one that is too long, is refused."""
    with pytest.raises(InvalidArgumentError):
        segment_from_proto(mt_pb2.SourceSegment(segment_id=segment_id), "en", 0)


REVISION = Revision(
    "1",
    "es-MX",
    source_revision=3,
    committed_text="buenos",
    unstable_text="días",
    source_end_sample=321,
    received_seconds=10,
    model_seconds=0.25,
    traceparent="span",
    model="mt_test",
    rejected_models=("mt_bad",),
    quality=0.5,
    reasons=(QualityReason.LENGTH, QualityReason.LOW_SCORE),
    missed_terms=("cat",),
)


def test_a_revision_says_what_it_is_made_of() -> None:
    """A revision carries its texts, how far they reach, its models, its hop times and its trace."""
    revision = answer_to_proto(REVISION, now_seconds=10.5).revision
    assert (revision.committed_text, revision.unstable_text, revision.is_final) == ("buenos", "días", False)
    assert (revision.language_code, revision.source_revision) == ("es-MX", 3)
    assert (revision.model, list(revision.rejected_models)) == ("mt_test", ["mt_bad"])
    assert samples_of_duration(revision.source_end_offset) == 321
    assert {hop.hop: seconds_of_duration(hop.duration) for hop in revision.hop_times} == {"mt": 0.5, "mt.triton": 0.25}
    assert revision.trace.traceparent == "span"


def test_the_models_time_lies_within_the_services() -> None:
    """Clauses that were translated side by side do not take longer than all of it did."""
    revision = answer_to_proto(replace(REVISION, model_seconds=0.9), now_seconds=10.5).revision
    assert {seconds_of_duration(hop.duration) for hop in revision.hop_times} == {0.5}


def test_only_a_final_is_judged() -> None:
    """Quality, its reasons and missed terms are those of a final revision."""
    partial = answer_to_proto(REVISION, 10).revision
    assert (partial.quality, list(partial.quality_reasons), list(partial.missed_terms)) == (0, [], [])
    final = answer_to_proto(replace(REVISION, is_final=True), 10).revision
    assert (final.quality, list(final.missed_terms)) == (0.5, ["cat"])
    assert list(final.quality_reasons) == [mt_pb2.QUALITY_REASON_LENGTH, mt_pb2.QUALITY_REASON_LOW_SCORE]


@pytest.mark.parametrize("reason", QualityReason)
def test_every_reason_has_a_number(reason: QualityReason) -> None:
    """Each reason has its number on the wire."""
    final = answer_to_proto(replace(REVISION, is_final=True, reasons=(reason,)), 10).revision
    assert mt_pb2.QualityReason.Name(final.quality_reasons[0]) == f"QUALITY_REASON_{reason}"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.TRANSLATION_FAILED, types_pb2.NOTICE_CODE_TRANSLATION_FAILED),
        (Trouble.TARGET_REFUSED, types_pb2.NOTICE_CODE_TARGET_REFUSED),
    ],
)
def test_every_trouble_has_a_code(trouble: Trouble, code: int) -> None:
    """Each kind of trouble has its code on the wire."""
    notice = answer_to_proto(Notice(trouble, "Why.", "1", "es"), 0).notice
    assert (notice.code, notice.message, notice.segment_id, notice.language_code) == (code, "Why.", "1", "es")
