"""Between the messages on the wire and the core's own values."""

from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import tts_pb2, types_pb2
from livetranslate.wire import hop_times
from tts.answer import Answer, Chunk, Failure
from tts.utterance import Utterance, Voice

_MAX_ID_CHARACTERS = 64  # ids are twelve digits (segments) or short tokens (sessions)


def checked_config(request: tts_pb2.StreamingSynthesizeRequest) -> tts_pb2.SynthesisConfig:
    """The configuration in a stream's first request.

    Raises:
        InvalidArgumentError: It is something else, or names no language.
    """
    if request.WhichOneof("streaming_request") != "config":
        raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config`.")
    if not request.config.language_code:
        message = "`config.language_code` is empty. Say what the texts are written in, e.g. es."
        raise InvalidArgumentError("LANGUAGE_MISSING", message)
    _check_length("config.session_id", request.config.session_id)
    return request.config


def utterance_from_proto(message: tts_pb2.SynthesisInput, received_seconds: float) -> Utterance:
    """A text as the core takes it.

    Raises:
        InvalidArgumentError: Its segment's id is missing or too long.
    """
    if not message.segment_id:
        raise InvalidArgumentError("SEGMENT_ID_MISSING", "`input.segment_id` is empty. Audio is keyed by it.")
    _check_length("input.segment_id", message.segment_id)
    return Utterance(
        segment_id=message.segment_id,
        text=message.text,
        speaking_rate=message.speaking_rate or 1.0,
        traceparent=message.trace.traceparent,
        received_seconds=received_seconds,
    )


def answer_to_proto(
    answer: Answer, voice: Voice, language_code: str, now_seconds: float
) -> tts_pb2.StreamingSynthesizeResponse:
    """An answer as it is sent; `language_code` is the language as the client names it."""
    match answer:
        case Chunk():
            return tts_pb2.StreamingSynthesizeResponse(audio=_chunk_to_proto(answer, voice, now_seconds))
        case Failure():
            notice = types_pb2.Notice(
                code=types_pb2.NOTICE_CODE_SYNTHESIS_FAILED,
                message=answer.message,
                segment_id=answer.utterance.segment_id,
                language_code=language_code,
            )
            return tts_pb2.StreamingSynthesizeResponse(notice=notice)


def voice_to_proto(voice: Voice) -> tts_pb2.Voice:
    """A voice as it is listed."""
    return tts_pb2.Voice(
        name=voice.name,
        language_code=voice.language,
        model=voice.model,
        sample_rate_hertz=voice.sample_rate_hertz,
        license=voice.license,
    )


def _chunk_to_proto(chunk: Chunk, voice: Voice, now_seconds: float) -> tts_pb2.SpeechAudio:
    utterance, sound = chunk.utterance, chunk.sound
    return tts_pb2.SpeechAudio(
        segment_id=utterance.segment_id,
        audio=sound.samples,
        sample_rate_hertz=voice.sample_rate_hertz,
        is_last=chunk.is_last,
        hop_times=hop_times(tts=now_seconds - utterance.received_seconds, tts__triton=sound.model_seconds),
        trace=types_pb2.TraceContext(traceparent=sound.traceparent or utterance.traceparent),
        model=voice.model,
    )


def _check_length(field: str, value: str) -> None:
    if len(value) > _MAX_ID_CHARACTERS:
        message = f"`{field}` has {len(value)} characters; at most {_MAX_ID_CHARACTERS} are allowed."
        raise InvalidArgumentError("ID_TOO_LONG", message, limit=str(_MAX_ID_CHARACTERS))
