"""The gateway's requests to the inner services."""

from collections.abc import Iterable

from gateway.cloning import SPEAKER
from gateway.degradation import Degradation
from gateway.events import Position, SpokenClause, Target, Targets, Transcript
from gateway.messages import revision_of
from gateway.options import SessionOptions
from livetranslate.glossary_message import glossary_to_proto
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2, types_pb2
from livetranslate.wire import duration_of_samples, duration_of_seconds

_STEP_SECONDS = 1.0  # at a busy asr; it is still heard while it is said, in a quarter of the looks


def asr_config(
    source: str, options: SessionOptions, session_id: str, position: Position, session_traceparent: str
) -> asr_pb2.StreamingRecognizeRequest:
    """Opens a stream to asr."""
    return asr_pb2.StreamingRecognizeRequest(
        config=asr_pb2.RecognitionConfig(
            language_code=source,
            start_offset=duration_of_samples(position.sample),
            state=position.state,
            session_id=session_id,
            session_trace=types_pb2.TraceContext(traceparent=session_traceparent),
            candidate_language_codes=options.candidates,
            endpointing=options.endpointing,
            phrases=options.glossary.phrases(),
        )
    )


def asr_pace(degradation: Degradation) -> asr_pb2.StreamingRecognizeRequest:
    """How closely asr is to follow the speaker from here on."""
    seconds = _STEP_SECONDS if degradation >= Degradation.WIDER_STEPS else 0
    return asr_pb2.StreamingRecognizeRequest(
        pace=asr_pb2.RecognitionPace(
            step_duration=duration_of_seconds(seconds), is_final_only=degradation >= Degradation.NO_PARTIALS
        )
    )


def mt_config(
    source: str, options: SessionOptions, targets: Iterable[Target], session_id: str
) -> mt_pb2.StreamingTranslateRequest:
    """Opens a stream to mt."""
    return mt_pb2.StreamingTranslateRequest(
        config=mt_pb2.TranslationConfig(
            source_language_code=source,
            targets=map(_target, targets),
            session_id=session_id,
            glossary=glossary_to_proto(options.glossary),
        )
    )


def mt_targets(targets: Targets) -> mt_pb2.StreamingTranslateRequest:
    """Changes the targets."""
    return mt_pb2.StreamingTranslateRequest(targets=mt_pb2.TranslationTargets(targets=map(_target, targets.targets)))


def mt_segment(transcript: Transcript, traceparent: str) -> mt_pb2.StreamingTranslateRequest:
    """Asks for a segment's translations."""
    revision = revision_of(transcript)
    return mt_pb2.StreamingTranslateRequest(
        segment=mt_pb2.SourceSegment(
            segment_id=revision.segment_id,
            revision=revision.revision,
            committed_text=revision.committed_text,
            unstable_text=revision.unstable_text,
            is_final=revision.is_final,
            trace=types_pb2.TraceContext(traceparent=traceparent),
            language_code=revision.language_code,
            words=revision.words,
            is_continued=revision.end == asr_pb2.SEGMENT_END_MAX_DURATION,
        )
    )


def tts_config(
    target: Target, session_id: str, spoken_sample: int, reference: bytes = b""
) -> tts_pb2.StreamingSynthesizeRequest:
    """Opens a stream to tts; the speech that was given before ends there.

    Without a `reference` the language's default stands in for the speaker's own voice.
    """
    options = target.speech_options
    is_imitated = target.voice == SPEAKER
    return tts_pb2.StreamingSynthesizeRequest(
        config=tts_pb2.SynthesisConfig(
            language_code=target.language,
            voice="" if is_imitated and not reference else target.voice,
            session_id=session_id,
            pacing=tts_pb2.PacingOptions(
                max_speaking_rate=options.max_speaking_rate, max_lag=duration_of_seconds(options.max_lag_seconds)
            ),
            spoken_offset=duration_of_samples(spoken_sample),
            reference_audio=reference if is_imitated else b"",
        )
    )


def tts_input(clause: SpokenClause, traceparent: str) -> tts_pb2.StreamingSynthesizeRequest:
    """Asks for a clause to be spoken."""
    return tts_pb2.StreamingSynthesizeRequest(
        input=tts_pb2.SynthesisInput(
            segment_id=clause.segment_id,
            text=clause.text,
            trace=types_pb2.TraceContext(traceparent=traceparent),
            clause=clause.clause,
            is_segment_end=clause.is_segment_end,
            start_offset=duration_of_samples(clause.start_sample),
            end_offset=duration_of_samples(clause.end_sample),
        )
    )


def _target(target: Target) -> mt_pb2.TranslationTarget:
    policy = mt_pb2.TranslationPolicy.Value(f"TRANSLATION_POLICY_{target.policy}")
    return mt_pb2.TranslationTarget(language_code=target.language, policy=policy)
