"""Between the messages on the wire and the core's own values."""

from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import tts_pb2, types_pb2
from livetranslate.wire import duration_of_samples, hop_times, samples_of_duration
from tts.answer import Answer, Chunk, Failure, Skip
from tts.pacing import UNPACED, Pacing
from tts.utterance import GREATEST_RATE, Utterance, Voice

_MAX_ID_CHARACTERS = 64  # ids are twelve digits (segments) or short tokens (sessions)
_MAX_LAG_SECONDS = 3600  # nobody waits longer
_DEFAULTS = Pacing()


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


def pacing_from_proto(config: tts_pb2.SynthesisConfig) -> Pacing:
    """How a configuration wants speech to keep up; not at all where it does not say.

    Raises:
        InvalidArgumentError: An option is out of range.
    """
    if not config.HasField("pacing"):
        return UNPACED
    options = config.pacing
    max_rate = options.max_speaking_rate or _DEFAULTS.max_rate
    if not 1 <= max_rate <= GREATEST_RATE:  # also not a number
        message = f"`config.pacing.max_speaking_rate` is {max_rate:g}. Say 1 to {GREATEST_RATE:g}."
        raise InvalidArgumentError("PACING_INVALID", message, field="max_speaking_rate")
    if not options.HasField("max_lag"):
        return Pacing(max_rate)
    max_lag_samples = samples_of_duration(options.max_lag)
    if not 0 <= max_lag_samples <= _MAX_LAG_SECONDS * SAMPLE_RATE_HERTZ:
        message = f"`config.pacing.max_lag` is out of range. Say 0 to {_MAX_LAG_SECONDS} seconds."
        raise InvalidArgumentError("PACING_INVALID", message, field="max_lag")
    return Pacing(max_rate, max_lag_samples)


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
        clause=message.clause,
        is_segment_end=message.is_segment_end,
        end_sample=samples_of_duration(message.end_offset) if message.HasField("end_offset") else None,
    )


def answer_to_proto(
    answer: Answer, voice: Voice, language_code: str, now_seconds: float
) -> tts_pb2.StreamingSynthesizeResponse:
    """An answer as it is sent; `language_code` is the language as the client names it."""
    match answer:
        case Chunk():
            return tts_pb2.StreamingSynthesizeResponse(audio=_chunk_to_proto(answer, voice, now_seconds))
        case Failure():
            code, message = types_pb2.NOTICE_CODE_SYNTHESIS_FAILED, answer.message
        case Skip():
            code, message = types_pb2.NOTICE_CODE_SPEECH_SKIPPED, _skip_message(answer)
    notice = types_pb2.Notice(
        code=code, message=message, segment_id=answer.utterance.segment_id, language_code=language_code
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
        clause=utterance.clause,
        is_segment_end=utterance.is_segment_end,
        playout_offset=duration_of_samples(chunk.playout_sample),
        playout_lag=duration_of_samples(chunk.lag_samples),
        speaking_rate=utterance.speaking_rate,
    )


def _skip_message(skip: Skip) -> str:
    seconds = skip.lag_samples / SAMPLE_RATE_HERTZ
    return f"A text was not spoken, to keep up: it would have begun {seconds:.1f} s late. Later texts go on."


def _check_length(field: str, value: str) -> None:
    if len(value) > _MAX_ID_CHARACTERS:
        message = f"`{field}` has {len(value)} characters; at most {_MAX_ID_CHARACTERS} are allowed."
        raise InvalidArgumentError("ID_TOO_LONG", message, limit=str(_MAX_ID_CHARACTERS))
