"""What a client asks for, checked: its config and its audio messages."""

from typing import Final

from asr.endpoint import FRAME_SAMPLES, EndpointOptions
from asr.memory import Memory, invalid_state
from asr.pace import Pace
from asr.vad import VadState
from livetranslate.endpointing import endpointing_from_proto
from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ
from livetranslate.v1 import asr_pb2, types_pb2
from livetranslate.wire import samples_of_duration

MAX_AUDIO_BYTES: Final = 1024 * 1024
MAX_STATE_BYTES: Final = 4096
MAX_STEP_SAMPLES: Final = 5 * SAMPLE_RATE_HERTZ
MAX_PHRASES: Final = 1_000  # as many as a glossary has terms


def checked_config(request: asr_pb2.StreamingRecognizeRequest) -> asr_pb2.RecognitionConfig:
    """The config in a stream's first request.

    Raises:
        InvalidArgumentError: There is none, or it cannot be served.
    """
    if request.WhichOneof("streaming_request") != "config":
        raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config`.")
    config = request.config
    if not config.language_code:
        raise InvalidArgumentError("LANGUAGE_MISSING", "`config.language_code` is empty. Say what is spoken, e.g. en.")
    if samples_of_duration(config.start_offset) < 0:
        raise InvalidArgumentError("START_OFFSET_NEGATIVE", "`config.start_offset` lies before the session's start.")
    if len(config.state) > MAX_STATE_BYTES:
        message = f"`config.state` is larger than {MAX_STATE_BYTES} bytes."
        raise InvalidArgumentError("STATE_TOO_LARGE", message)
    if len(config.phrases) > MAX_PHRASES:
        message = f"`config.phrases` has {len(config.phrases):,} phrases; at most {MAX_PHRASES:,} are allowed."
        raise InvalidArgumentError("TOO_MANY_PHRASES", message, limit=str(MAX_PHRASES))
    return config


def checked_memory(state: bytes) -> Memory:
    """What is remembered at the place where the audio begins.

    Raises:
        InvalidArgumentError: It is not what this service has told.
    """
    memory = Memory.from_bytes(state)
    try:
        VadState.from_bytes(memory.classifier_state)
    except ValueError:
        raise invalid_state() from None
    return memory


def pace_from_proto(message: asr_pb2.RecognitionPace) -> Pace:
    """How closely the speaker is to be followed.

    Raises:
        InvalidArgumentError: The step is out of range.
    """
    samples = samples_of_duration(message.step_duration)
    if not 0 <= samples <= MAX_STEP_SAMPLES:
        raise InvalidArgumentError("STEP_DURATION_OUT_OF_RANGE", "`pace.step_duration` must be from 0 to 5 s.")
    return Pace(samples, message.is_final_only)


def endpoint_options(options: types_pb2.EndpointingOptions) -> EndpointOptions:
    """When speech starts and ends, in whole frames: what lasts at least as long as asked, and never longer than asked.

    Raises:
        InvalidArgumentError: Something is out of range.
    """
    wanted = endpointing_from_proto(options)
    return EndpointOptions(
        start_threshold=wanted.start_threshold,
        stop_threshold=wanted.stop_threshold,
        start_frames=_frames_of(wanted.start_samples),
        pause_samples=_frames_of(wanted.stop_samples) * FRAME_SAMPLES,
        max_samples=wanted.max_samples // FRAME_SAMPLES * FRAME_SAMPLES,
    )


def checked_audio(audio: bytes) -> bytes:
    """The audio of a message.

    Raises:
        InvalidArgumentError: It is too much, or ends inside a sample.
    """
    if len(audio) > MAX_AUDIO_BYTES:
        message = f"An audio message has {len(audio)} bytes; at most {MAX_AUDIO_BYTES} are allowed. Send smaller ones."
        raise InvalidArgumentError("AUDIO_MESSAGE_TOO_LARGE", message, limit=str(MAX_AUDIO_BYTES))
    if len(audio) % BYTES_PER_SAMPLE:
        raise InvalidArgumentError(
            "AUDIO_MISALIGNED", "An audio message ends inside a sample. Send whole s16le samples."
        )
    return audio


def _frames_of(samples: int) -> int:
    """As many as it takes to last so long."""
    return -(-samples // FRAME_SAMPLES)
