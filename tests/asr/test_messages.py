import dataclasses

import pytest

from asr.endpoint import SegmentEnd
from asr.hypothesis import Word
from asr.memory import Memory
from asr.messages import (
    activity_to_proto,
    failure_to_proto,
    language_change_to_proto,
    progress_to_proto,
    revision_to_proto,
)
from asr.results import Activity, Failure, LanguageChange, Progress, Revision
from livetranslate.v1 import asr_pb2, types_pb2
from livetranslate.wire import samples_of_duration

REVISION = Revision(
    segment_id="000000008192",
    number=3,
    start_sample=8_192,
    end_sample=24_192,
    committed=(Word("good", 8_192, 16_000, 0.5),),
    unstable=(Word("morning", 16_000, 24_000, 1.0),),
    is_final=False,
    decoded_sample=24_192,
    model_seconds=0.25,
    language="en",
)


def test_a_revision_says_everything() -> None:
    """Texts, times, words, confidence, hop times and the trace travel with a revision."""
    message = revision_to_proto(REVISION, "asr_null", 0.5, "00-trace")
    assert (message.segment_id, message.revision, message.is_final) == ("000000008192", 3, False)
    assert (message.committed_text, message.unstable_text) == ("good", "morning")
    assert [samples_of_duration(offset) for offset in (message.start_offset, message.end_offset)] == [8_192, 24_192]
    assert [(word.text, samples_of_duration(word.start_offset)) for word in message.words] == [
        ("good", 8_192),
        ("morning", 16_000),
    ]
    assert message.confidence == pytest.approx(0.75)
    assert [(hop.hop, hop.duration.ToMilliseconds()) for hop in message.hop_times] == [
        ("asr", 500),
        ("asr.triton", 250),
    ]
    assert (message.language_code, message.model) == ("en", "asr_null")
    assert message.trace.traceparent == "00-trace"


def test_a_final_says_why_it_ended() -> None:
    """Each reason has its name on the wire, and none is told before the end."""
    ends = [revision_to_proto(dataclasses.replace(REVISION, end=end), "", 0, "").end for end in [None, *SegmentEnd]]
    assert ends == [
        asr_pb2.SEGMENT_END_UNSPECIFIED,
        asr_pb2.SEGMENT_END_PAUSE,
        asr_pb2.SEGMENT_END_MAX_DURATION,
        asr_pb2.SEGMENT_END_FLUSH,
        asr_pb2.SEGMENT_END_AUDIO_END,
    ]


@pytest.mark.parametrize(
    ("is_start", "kind"),
    [(True, types_pb2.SPEECH_ACTIVITY_KIND_STARTED), (False, types_pb2.SPEECH_ACTIVITY_KIND_ENDED)],
)
def test_activity_names_its_segment(is_start: bool, kind: int) -> None:
    """A start and an end of speech have a place and a segment."""
    message = activity_to_proto(Activity(is_start, 8_192, "000000008192"))
    assert (message.kind, samples_of_duration(message.offset), message.segment_id) == (kind, 8_192, "000000008192")


def test_progress_is_an_offset_and_a_state() -> None:
    """Progress travels as the offset from the session's first sample and what is remembered there."""
    memory = Memory(512, b"heard", b"mean")
    message = progress_to_proto(Progress(24_000, memory))
    assert message.processed_offset.ToMilliseconds() == 1_500
    assert Memory.from_bytes(message.state) == memory


def test_a_failure_names_its_segment() -> None:
    """A failure becomes a notice with its segment and what to tell people."""
    notice = failure_to_proto(Failure("000000008192", "The decoder is gone."))
    assert notice.code == types_pb2.NOTICE_CODE_RECOGNITION_FAILED
    assert (notice.segment_id, notice.message) == ("000000008192", "The decoder is gone.")


@pytest.mark.parametrize(
    ("is_candidate", "part"), [(True, "goes on in 'es'. The targets stay"), (False, "'es', which is none of")]
)
def test_a_change_of_language_names_it(is_candidate: bool, part: str) -> None:
    """And the first segment in it; and whether it is one of those that were asked for."""
    notice = language_change_to_proto(LanguageChange("000000008192", "es", is_candidate))
    assert (notice.code, notice.segment_id) == (types_pb2.NOTICE_CODE_LANGUAGE_CHANGED, "000000008192")
    assert part in notice.message
