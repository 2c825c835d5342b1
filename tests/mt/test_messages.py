"""Messages on the wire and the core's values."""

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import mt_pb2, types_pb2
from livetranslate.wire import seconds_of_duration
from mt.answer import Notice, Revision, Trouble
from mt.job import Job, Route, RouteModel, Segment, Translation
from mt.messages import answer_to_proto, check_targets, checked_config, segment_from_proto

ROUTE = Route("es-MX", (RouteModel("mt_test", "en", "es"),))


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
        (
            mt_pb2.StreamingTranslateRequest(
                config=mt_pb2.TranslationConfig(
                    source_language_code="en", targets=[mt_pb2.TranslationTarget(language_code="es")] * 2
                )
            ),
            "TARGET_REPEATED",
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
    check_targets([f"l{number}" for number in range(16)])
    with pytest.raises(InvalidArgumentError, match="at most 16"):
        check_targets([f"l{number}" for number in range(17)])


def test_a_draft_is_all_of_the_text() -> None:
    """A draft takes the unstable text along; a final is what is committed."""
    segment = mt_pb2.SourceSegment(segment_id="1", revision=3, committed_text="good", unstable_text="morning")
    assert segment_from_proto(segment, 0).text == "good morning"
    segment.is_final = True
    assert segment_from_proto(segment, 0).text == "good"


@pytest.mark.parametrize("segment_id", ["", "x" * 65])
def test_a_segment_needs_an_id(segment_id: str) -> None:
    """A segment without an id, or with one that is too long, is refused."""
    with pytest.raises(InvalidArgumentError):
        segment_from_proto(mt_pb2.SourceSegment(segment_id=segment_id), 0)


@pytest.mark.parametrize("is_final", [True, False])
def test_a_revision_says_how_long_it_took(is_final: bool) -> None:
    """A revision carries its text in the place of its kind, its hop times and its trace."""
    segment = Segment("1", 3, "good", is_final=is_final, traceparent="segment", received_seconds=10)
    answer = Revision(
        Job(segment, ROUTE, segment.text),
        Translation("buenos", model_seconds=0.25, traceparent="span", model="mt_test"),
    )
    revision = answer_to_proto(answer, now_seconds=10.5).revision
    assert (revision.committed_text, revision.unstable_text) == (("buenos", "") if is_final else ("", "buenos"))
    assert (revision.language_code, revision.model, revision.source_revision) == ("es-MX", "mt_test", 3)
    assert {hop.hop: seconds_of_duration(hop.duration) for hop in revision.hop_times} == {"mt": 0.5, "mt.triton": 0.25}
    assert revision.trace.traceparent == "span"


def test_without_a_span_the_trace_is_the_segments() -> None:
    """A translation that has no span of its own carries its segment's trace on."""
    segment = Segment("1", 3, "good", is_final=False, traceparent="segment")
    revision = answer_to_proto(Revision(Job(segment, ROUTE, segment.text), Translation("buenos")), 0).revision
    assert revision.trace.traceparent == "segment"


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
