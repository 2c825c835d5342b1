"""The core's results as messages on the wire."""

from asr.endpoint import SegmentEnd
from asr.hypothesis import Word, mean_confidence, text_of
from asr.results import Activity, Failure, LanguageChange, Progress, Revision
from livetranslate.v1 import asr_pb2, types_pb2
from livetranslate.wire import duration_of_samples, hop_times

_ENDS = {
    None: asr_pb2.SEGMENT_END_UNSPECIFIED,
    SegmentEnd.PAUSE: asr_pb2.SEGMENT_END_PAUSE,
    SegmentEnd.MAX_DURATION: asr_pb2.SEGMENT_END_MAX_DURATION,
    SegmentEnd.FLUSH: asr_pb2.SEGMENT_END_FLUSH,
    SegmentEnd.AUDIO_END: asr_pb2.SEGMENT_END_AUDIO_END,
}


def revision_to_proto(
    revision: Revision, model: str, asr_seconds: float, traceparent: str
) -> asr_pb2.TranscriptRevision:
    """A segment's newest text; `asr_seconds` have passed since the last audio it knows came in."""
    words = revision.committed + revision.unstable
    return asr_pb2.TranscriptRevision(
        segment_id=revision.segment_id,
        revision=revision.number,
        committed_text=text_of(revision.committed),
        unstable_text=text_of(revision.unstable),
        is_final=revision.is_final,
        start_offset=duration_of_samples(revision.start_sample),
        end_offset=duration_of_samples(revision.end_sample),
        words=[_word_to_proto(word) for word in words],
        language_code=revision.language,
        confidence=mean_confidence(words),
        hop_times=hop_times(asr=asr_seconds, asr__triton=revision.model_seconds),
        trace=types_pb2.TraceContext(traceparent=traceparent),
        model=model,
        end=_ENDS[revision.end],
    )


def activity_to_proto(activity: Activity) -> types_pb2.SpeechActivity:
    """Speech that has started or ended."""
    kind = types_pb2.SPEECH_ACTIVITY_KIND_STARTED if activity.is_start else types_pb2.SPEECH_ACTIVITY_KIND_ENDED
    return types_pb2.SpeechActivity(
        kind=kind, offset=duration_of_samples(activity.sample), segment_id=activity.segment_id
    )


def progress_to_proto(progress: Progress) -> asr_pb2.RecognitionProgress:
    """How far the audio has been dealt with, and what is remembered there."""
    return asr_pb2.RecognitionProgress(
        processed_offset=duration_of_samples(progress.processed_sample), state=progress.memory.to_bytes()
    )


def language_change_to_proto(change: LanguageChange) -> types_pb2.Notice:
    """Another language than before."""
    if change.is_candidate:
        message = f"The speaker goes on in {change.language!r}. The targets stay as they are."
    else:
        message = (
            f"The speaker seems to have changed to {change.language!r}, which is none of the session's languages: it "
            "is recognized as one of those. Start a session with it among the candidates if it goes on."
        )
    return types_pb2.Notice(code=types_pb2.NOTICE_CODE_LANGUAGE_CHANGED, message=message, segment_id=change.segment_id)


def failure_to_proto(failure: Failure) -> types_pb2.Notice:
    """A segment that could not be recognized."""
    return types_pb2.Notice(
        code=types_pb2.NOTICE_CODE_RECOGNITION_FAILED, message=failure.message, segment_id=failure.segment_id
    )


def _word_to_proto(word: Word) -> types_pb2.Word:
    return types_pb2.Word(
        text=word.text,
        start_offset=duration_of_samples(word.start_sample),
        end_offset=duration_of_samples(word.end_sample),
        confidence=word.confidence,
    )
