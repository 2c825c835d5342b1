"""Between the messages on the wire and the core's own values."""

from collections.abc import Sequence

from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import mt_pb2, types_pb2
from livetranslate.wire import duration_of_samples, hop_times, samples_of_duration
from mt.answer import Answer, Notice, Revision, Trouble
from mt.job import Segment, SourceWord
from mt.policy import Policy, Target
from mt.quality import QualityReason

_MAX_TARGETS = 16
_MAX_ID_CHARACTERS = 64  # ids are twelve digits (segments) or short tokens (sessions)
_MAX_WORDS = 2_000  # of one segment: a minute has 200

_CODE_OF_TROUBLE = {
    Trouble.TRANSLATION_FAILED: types_pb2.NOTICE_CODE_TRANSLATION_FAILED,
    Trouble.TARGET_REFUSED: types_pb2.NOTICE_CODE_TARGET_REFUSED,
}
_POLICY_BY_NUMBER = {
    number: Policy(name.removeprefix("TRANSLATION_POLICY_")) for name, number in mt_pb2.TranslationPolicy.items()
}
_NUMBER_OF_REASON = {reason: mt_pb2.QualityReason.Value(f"QUALITY_REASON_{reason}") for reason in QualityReason}


def checked_config(request: mt_pb2.StreamingTranslateRequest) -> mt_pb2.TranslationConfig:
    """The configuration in a stream's first request.

    Raises:
        InvalidArgumentError: It is something else, or names no source language.
    """
    if request.WhichOneof("streaming_request") != "config":
        raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config`.")
    if not request.config.source_language_code:
        message = '`config.source_language_code` is empty. Say what is spoken, e.g. en, or "auto" if each segment does.'
        raise InvalidArgumentError("LANGUAGE_MISSING", message)
    check_length("config.session_id", request.config.session_id)
    return request.config


def targets_from_proto(targets: Sequence[mt_pb2.TranslationTarget]) -> tuple[Target, ...]:
    """What to translate into, and when. A policy that is not known is chosen by the pair.

    Raises:
        InvalidArgumentError: There are too many targets, or one is named twice.
    """
    if len(targets) > _MAX_TARGETS:
        message = f"{len(targets)} targets were named; at most {_MAX_TARGETS} are allowed."
        raise InvalidArgumentError("TOO_MANY_TARGETS", message, limit=str(_MAX_TARGETS))
    if len({target.language_code for target in targets}) < len(targets):
        raise InvalidArgumentError("TARGET_REPEATED", "A target was named twice. Name each once.")
    return tuple(
        Target(target.language_code, _POLICY_BY_NUMBER.get(target.policy, Policy.UNSPECIFIED)) for target in targets
    )


def segment_from_proto(segment: mt_pb2.SourceSegment, source_language: str, received_seconds: float) -> Segment:
    """A revision as the core takes it; one that names no language is in the session's.

    Raises:
        InvalidArgumentError: It has no id, one that is too long, or too many words.
    """
    if not segment.segment_id:
        raise InvalidArgumentError("SEGMENT_ID_MISSING", "`segment.segment_id` is empty. Answers are keyed by it.")
    check_length("segment.segment_id", segment.segment_id)
    check_length("segment.language_code", segment.language_code)
    if len(segment.words) > _MAX_WORDS:
        message = f"`segment.words` has {len(segment.words):,} words; at most {_MAX_WORDS:,} are allowed."
        raise InvalidArgumentError("TOO_MANY_WORDS", message, limit=str(_MAX_WORDS))
    return Segment(
        segment_id=segment.segment_id,
        revision=segment.revision,
        committed_text=segment.committed_text,
        unstable_text="" if segment.is_final else segment.unstable_text,
        is_final=segment.is_final,
        is_continued=segment.is_continued,
        language_code=segment.language_code or source_language,
        words=tuple(map(_word_from_proto, segment.words)),
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


def _word_from_proto(word: types_pb2.Word) -> SourceWord:
    return SourceWord(word.text, samples_of_duration(word.start_offset), samples_of_duration(word.end_offset))


def _revision_to_proto(revision: Revision, now_seconds: float) -> mt_pb2.TranslationRevision:
    spent_seconds = now_seconds - revision.received_seconds
    # Clauses of one revision are translated side by side: together they may have taken longer than all of it.
    model_seconds = min(revision.model_seconds, spent_seconds)
    message = mt_pb2.TranslationRevision(
        segment_id=revision.segment_id,
        language_code=revision.language_code,
        source_revision=revision.source_revision,
        committed_text=revision.committed_text,
        unstable_text=revision.unstable_text,
        is_final=revision.is_final,
        hop_times=hop_times(mt=spent_seconds, mt__triton=model_seconds),
        trace=types_pb2.TraceContext(traceparent=revision.traceparent),
        model=revision.model,
        source_end_offset=duration_of_samples(revision.source_end_sample),
        rejected_models=revision.rejected_models,
    )
    if revision.is_final:
        message.quality = revision.quality
        message.quality_reasons.extend(_NUMBER_OF_REASON[reason] for reason in revision.reasons)
        message.missed_terms.extend(revision.missed_terms)
    return message
