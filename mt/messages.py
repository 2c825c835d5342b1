"""Between the messages on the wire and the core's own values."""

from collections.abc import Sequence

from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import mt_pb2, types_pb2
from livetranslate.wire import hop_times
from mt.answer import Answer, Notice, Revision, Trouble
from mt.job import Segment

_MAX_TARGETS = 16
_MAX_ID_CHARACTERS = 64  # ids are twelve digits (segments) or short tokens (sessions)

_CODE_OF_TROUBLE = {
    Trouble.TRANSLATION_FAILED: types_pb2.NOTICE_CODE_TRANSLATION_FAILED,
    Trouble.TARGET_REFUSED: types_pb2.NOTICE_CODE_TARGET_REFUSED,
}


def checked_config(request: mt_pb2.StreamingTranslateRequest) -> mt_pb2.TranslationConfig:
    """The configuration in a stream's first request.

    Raises:
        InvalidArgumentError: It is something else, or names no source language, or its targets are wrong.
    """
    if request.WhichOneof("streaming_request") != "config":
        raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config`.")
    if not request.config.source_language_code:
        message = "`config.source_language_code` is empty. Say what the segments are written in, e.g. en."
        raise InvalidArgumentError("LANGUAGE_MISSING", message)
    check_length("config.session_id", request.config.session_id)
    check_targets([target.language_code for target in request.config.targets])
    return request.config


def check_targets(languages: Sequence[str]) -> None:
    """Refuse too many targets, and a target named twice.

    Raises:
        InvalidArgumentError: Says which.
    """
    if len(languages) > _MAX_TARGETS:
        message = f"{len(languages)} targets were named; at most {_MAX_TARGETS} are allowed."
        raise InvalidArgumentError("TOO_MANY_TARGETS", message, limit=str(_MAX_TARGETS))
    if len(set(languages)) < len(languages):
        raise InvalidArgumentError("TARGET_REPEATED", "A target was named twice. Name each once.")


def segment_from_proto(segment: mt_pb2.SourceSegment, received_seconds: float) -> Segment:
    """A revision as the core takes it: a final is its committed text, a draft is all of its text.

    Raises:
        InvalidArgumentError: It has no id, or one that is too long.
    """
    if not segment.segment_id:
        raise InvalidArgumentError("SEGMENT_ID_MISSING", "`segment.segment_id` is empty. Answers are keyed by it.")
    check_length("segment.segment_id", segment.segment_id)
    hint = "" if segment.is_final else segment.unstable_text
    return Segment(
        segment_id=segment.segment_id,
        revision=segment.revision,
        committed_text=segment.committed_text,
        unstable_text=hint,
        is_final=segment.is_final,
        traceparent=segment.trace.traceparent,
        received_seconds=received_seconds,
    )


def answer_to_proto(answer: Answer, now_seconds: float) -> mt_pb2.StreamingTranslateResponse:
    """An answer as it is sent."""
    match answer:
        case Revision():
            return mt_pb2.StreamingTranslateResponse(revision=_revision_to_proto(answer, now_seconds))
        case Notice():
            notice = types_pb2.Notice(
                code=_CODE_OF_TROUBLE[answer.trouble],
                message=answer.message,
                segment_id=answer.segment_id,
                language_code=answer.language_code,
            )
            return mt_pb2.StreamingTranslateResponse(notice=notice)


def check_length(field: str, value: str) -> None:
    """Refuse an id that is longer than ids are.

    Raises:
        InvalidArgumentError: Names the field.
    """
    if len(value) > _MAX_ID_CHARACTERS:
        message = f"`{field}` has {len(value)} characters; at most {_MAX_ID_CHARACTERS} are allowed."
        raise InvalidArgumentError("ID_TOO_LONG", message, limit=str(_MAX_ID_CHARACTERS))


def _revision_to_proto(revision: Revision, now_seconds: float) -> mt_pb2.TranslationRevision:
    segment, route, translation = revision.job.segment, revision.job.route, revision.translation
    return mt_pb2.TranslationRevision(
        segment_id=segment.segment_id,
        language_code=route.language_code,
        source_revision=segment.revision,
        committed_text=translation.text if segment.is_final else "",
        unstable_text="" if segment.is_final else translation.text,
        is_final=segment.is_final,
        hop_times=hop_times(mt=now_seconds - segment.received_seconds, mt__triton=translation.model_seconds),
        trace=types_pb2.TraceContext(traceparent=translation.traceparent or segment.traceparent),
        model=translation.model,
    )
