"""The gateway's requests to the inner services."""

from gateway.events import Position, Target, Targets, Transcript, Translation
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2, types_pb2
from livetranslate.wire import duration_of_samples


def asr_config(
    source: str, session_id: str, position: Position, session_traceparent: str
) -> asr_pb2.StreamingRecognizeRequest:
    """Opens a stream to asr."""
    return asr_pb2.StreamingRecognizeRequest(
        config=asr_pb2.RecognitionConfig(
            language_code=source,
            start_offset=duration_of_samples(position.sample),
            state=position.state,
            session_id=session_id,
            session_trace=types_pb2.TraceContext(traceparent=session_traceparent),
        )
    )


def mt_config(source: str, targets: list[str], session_id: str) -> mt_pb2.StreamingTranslateRequest:
    """Opens a stream to mt."""
    return mt_pb2.StreamingTranslateRequest(
        config=mt_pb2.TranslationConfig(
            source_language_code=source, targets=map(_target, targets), session_id=session_id
        )
    )


def mt_targets(targets: Targets) -> mt_pb2.StreamingTranslateRequest:
    """Changes the targets."""
    wanted = [_target(target.language) for target in targets.targets]
    return mt_pb2.StreamingTranslateRequest(targets=mt_pb2.TranslationTargets(targets=wanted))


def mt_segment(transcript: Transcript, traceparent: str) -> mt_pb2.StreamingTranslateRequest:
    """Asks for a segment's translations."""
    return mt_pb2.StreamingTranslateRequest(
        segment=mt_pb2.SourceSegment(
            segment_id=transcript.segment_id,
            revision=transcript.message.revision,
            committed_text=transcript.committed_text,
            unstable_text=transcript.unstable_text,
            is_final=transcript.is_final,
            trace=types_pb2.TraceContext(traceparent=traceparent),
        )
    )


def tts_config(target: Target, session_id: str) -> tts_pb2.StreamingSynthesizeRequest:
    """Opens a stream to tts."""
    return tts_pb2.StreamingSynthesizeRequest(
        config=tts_pb2.SynthesisConfig(language_code=target.language, voice=target.voice, session_id=session_id)
    )


def tts_input(translation: Translation, traceparent: str) -> tts_pb2.StreamingSynthesizeRequest:
    """Asks for a translation to be spoken."""
    return tts_pb2.StreamingSynthesizeRequest(
        input=tts_pb2.SynthesisInput(
            segment_id=translation.segment_id,
            text=translation.committed_text,
            trace=types_pb2.TraceContext(traceparent=traceparent),
        )
    )


def _target(language: str) -> mt_pb2.TranslationTarget:
    return mt_pb2.TranslationTarget(language_code=language)
