"""Between the wire's messages and the core's events."""

from gateway import events
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, tts_pb2, types_pb2
from livetranslate.wire import duration_of_samples, duration_of_seconds, samples_of_duration

_NOTICE_KINDS = {types_pb2.NoticeCode.Value(f"NOTICE_CODE_{kind}"): kind for kind in events.NoticeKind}


def transcript_from_proto(revision: asr_pb2.TranscriptRevision) -> events.Transcript:
    """What asr says of a segment."""
    return events.Transcript(
        segment_id=revision.segment_id,
        start_sample=samples_of_duration(revision.start_offset),
        end_sample=samples_of_duration(revision.end_offset),
        committed_text=revision.committed_text,
        unstable_text=revision.unstable_text,
        is_final=revision.is_final,
        message=revision,
        revision=revision.revision,
    )


def revision_of(transcript: events.Transcript) -> asr_pb2.TranscriptRevision:
    """What asr says of a segment, as far as it is told: where unstable text is kept back, so are its words."""
    revision: asr_pb2.TranscriptRevision = transcript.message
    if revision.unstable_text == transcript.unstable_text:
        return revision
    told = asr_pb2.TranscriptRevision()
    told.CopyFrom(revision)
    told.unstable_text = transcript.unstable_text
    del told.words[len(transcript.committed_text.split()) :]
    return told


def position_from_proto(progress: asr_pb2.RecognitionProgress) -> events.Position:
    """Where asr could begin anew."""
    return events.Position(samples_of_duration(progress.processed_offset), progress.state)


def translation_from_proto(revision: mt_pb2.TranslationRevision) -> events.Translation:
    """What mt says of a segment in one language."""
    return events.Translation(
        segment_id=revision.segment_id,
        language=revision.language_code,
        committed_text=revision.committed_text,
        unstable_text=revision.unstable_text,
        is_final=revision.is_final,
        message=revision,
        source_end_sample=samples_of_duration(revision.source_end_offset),
        traceparent=revision.trace.traceparent,
    )


def speech_from_proto(audio: tts_pb2.SpeechAudio, target: events.Target) -> events.Speech:
    """What tts says in one language: as PCM, however the target's samples will be written."""
    return events.Speech(
        segment_id=audio.segment_id,
        language=target.language,
        is_last=audio.is_last,
        message=audio,
        clause=audio.clause,
        is_segment_end=audio.is_segment_end,
        ducking_db=target.speech_options.ducking_db,
    )


def activity_from_proto(activity: types_pb2.SpeechActivity) -> events.SpeechActivity:
    """Where asr hears speech start or end."""
    return events.SpeechActivity(
        segment_id=activity.segment_id,
        sample=samples_of_duration(activity.offset),
        is_start=activity.kind == types_pb2.SPEECH_ACTIVITY_KIND_STARTED,
    )


def notice_from_proto(notice: types_pb2.Notice) -> events.Notice:
    """What a hop could not do."""
    kind = _NOTICE_KINDS.get(notice.code, events.NoticeKind.SERVICE_UNAVAILABLE)  # a newer service may know more
    return events.Notice(kind, notice.message, notice.segment_id, notice.language_code)


def event_to_proto(event: events.Event) -> gateway_pb2.SessionEvent:
    """An event for clients."""
    message = gateway_pb2.SessionEvent(event_number=event.number)
    match event.body:
        case events.Started() as body:
            message.session_started.CopyFrom(_started_to_proto(body))
        case events.SpeechActivity() as body:
            message.speech_activity.CopyFrom(_activity_to_proto(body))
        case events.Transcript() as body:
            message.transcript.revision.CopyFrom(revision_of(body))
            message.transcript.lag.CopyFrom(duration_of_seconds(body.lag_seconds))
        case events.Translation() as body:
            message.translation.revision.CopyFrom(body.message)
            message.translation.revision.unstable_text = body.unstable_text
            _place(message.translation, body)
        case events.Speech() as body:
            message.speech.language_code = body.language
            message.speech.audio.CopyFrom(body.message)
            message.speech.encoding = gateway_pb2.SpeechEncoding.Value(f"SPEECH_ENCODING_{body.encoding}")
            message.speech.ducking_db = body.ducking_db
            _place(message.speech, body)
        case events.Checkpoint() as body:
            message.checkpoint.durable_offset.CopyFrom(duration_of_samples(body.durable_sample))
            message.checkpoint.last_event_number = body.last_event_number
        case events.Notice() as body:
            message.notice.CopyFrom(_notice_to_proto(body))
        case events.Summary() as body:
            message.summary.CopyFrom(_summary_to_proto(body))
    return message


def _started_to_proto(body: events.Started) -> gateway_pb2.SessionStarted:
    return gateway_pb2.SessionStarted(
        session_id=body.session_id,
        resume_token=body.resume_token,
        resume_window=duration_of_seconds(body.resume_window_seconds),
        is_resumed=body.is_resumed,
        resume_offset=duration_of_samples(body.resume_sample),
        last_event_number=body.last_event_number,
    )


def _activity_to_proto(body: events.SpeechActivity) -> types_pb2.SpeechActivity:
    kind = types_pb2.SPEECH_ACTIVITY_KIND_STARTED if body.is_start else types_pb2.SPEECH_ACTIVITY_KIND_ENDED
    return types_pb2.SpeechActivity(kind=kind, offset=duration_of_samples(body.sample), segment_id=body.segment_id)


def _place(message: gateway_pb2.Translation | gateway_pb2.Speech, body: events.Translation | events.Speech) -> None:
    message.lag.CopyFrom(duration_of_seconds(body.lag_seconds))
    message.start_offset.CopyFrom(duration_of_samples(body.start_sample))
    message.end_offset.CopyFrom(duration_of_samples(body.end_sample))


def _notice_to_proto(body: events.Notice) -> types_pb2.Notice:
    degradation = "UNSPECIFIED" if body.degradation is None else body.degradation.name
    return types_pb2.Notice(
        code=types_pb2.NoticeCode.Value(f"NOTICE_CODE_{body.kind}"),
        message=body.message,
        segment_id=body.segment_id,
        language_code=body.language,
        degradation=types_pb2.Degradation.Value(f"DEGRADATION_{degradation}"),
    )


def _summary_to_proto(body: events.Summary) -> gateway_pb2.SessionSummary:
    return gateway_pb2.SessionSummary(
        session_id=body.session_id,
        audio_duration=duration_of_samples(body.sample_count),
        speech_duration=duration_of_samples(body.speech_samples),
        segment_count=body.segment_count,
        translation_count=body.translation_count,
        word_count=body.word_count,
        notice_count=body.notice_count,
    )
