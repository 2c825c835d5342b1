"""Events of a session as entries of its log."""

from collections.abc import Callable
from typing import Any

from google.protobuf.duration_pb2 import Duration

from bench.quality.session_log import Event, Word
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import seconds_of_duration


def entry(event: gateway_pb2.SessionEvent, t: float) -> Event:
    """An event that came at `t`."""
    kind = event.WhichOneof("event") or ""
    fields = _FIELDS[kind](getattr(event, kind)) if kind in _FIELDS else {}
    return Event(t=_seconds(t), kind=kind, **fields)


def _transcript(transcript: gateway_pb2.Transcript) -> dict[str, Any]:
    revision = transcript.revision
    words = (Word(word.text, _offset(word.start_offset), _offset(word.end_offset)) for word in revision.words)
    return {
        "segment_id": revision.segment_id,
        "language": revision.language_code,
        "committed": revision.committed_text,
        "unstable": revision.unstable_text,
        "is_final": revision.is_final,
        "start": _offset(revision.start_offset),
        "end": _offset(revision.end_offset),
        "lag": _offset(transcript.lag),
        "words": tuple(words),
        "model": revision.model,
    }


def _translation(translation: gateway_pb2.Translation) -> dict[str, Any]:
    revision = translation.revision
    return {
        "segment_id": revision.segment_id,
        "language": revision.language_code,
        "committed": revision.committed_text,
        "unstable": revision.unstable_text,
        "is_final": revision.is_final,
        "start": _offset(translation.start_offset),
        "end": _offset(translation.end_offset),
        "source_end": _offset(revision.source_end_offset),
        "lag": _offset(translation.lag),
        "model": revision.model,
        "quality": round(revision.quality, 3),
    }


def _speech(speech: gateway_pb2.Speech) -> dict[str, Any]:
    audio = speech.audio
    return {
        "segment_id": audio.segment_id,
        "language": speech.language_code,
        "start": _offset(speech.start_offset),
        "end": _offset(speech.end_offset),
        "lag": _offset(speech.lag),
        "model": audio.model,
        "clause": audio.clause,
        "seconds": _seconds(len(audio.audio) / BYTES_PER_SAMPLE / (audio.sample_rate_hertz or 1)),
        "is_last": audio.is_last,
        "is_segment_end": audio.is_segment_end,
        "playout": _offset(audio.playout_offset),
        "playout_lag": _offset(audio.playout_lag),
        "speaking_rate": round(audio.speaking_rate, 3),
    }


def _activity(activity: types_pb2.SpeechActivity) -> dict[str, Any]:
    kind = types_pb2.SpeechActivityKind.Name(activity.kind).removeprefix("SPEECH_ACTIVITY_KIND_")
    return {"segment_id": activity.segment_id, "code": kind, "start": _offset(activity.offset)}


def _notice(notice: types_pb2.Notice) -> dict[str, Any]:
    return {
        "segment_id": notice.segment_id,
        "language": notice.language_code,
        "code": types_pb2.NoticeCode.Name(notice.code).removeprefix("NOTICE_CODE_"),
        "message": notice.message,
    }


def _checkpoint(checkpoint: gateway_pb2.Checkpoint) -> dict[str, Any]:
    return {"end": _offset(checkpoint.durable_offset)}


def _summary(summary: gateway_pb2.SessionSummary) -> dict[str, Any]:
    return {"end": _offset(summary.audio_duration), "seconds": _offset(summary.speech_duration)}


_FIELDS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "transcript": _transcript,
    "translation": _translation,
    "speech": _speech,
    "speech_activity": _activity,
    "notice": _notice,
    "checkpoint": _checkpoint,
    "summary": _summary,
}


def _offset(duration: Duration) -> float:
    return _seconds(seconds_of_duration(duration))


def _seconds(seconds: float) -> float:
    return round(seconds, 4)
