"""Speech as a Riva client asks for it."""

from concurrent.futures import Executor

from riva.client.proto import riva_audio_pb2

from gateway.speech_encoder import OGG_OPUS
from gateway.speech_writer import SpeechWriter
from livetranslate.audio_format import MAX_SAMPLE_RATE_HERTZ, MIN_SAMPLE_RATE_HERTZ
from livetranslate.errors import InvalidArgumentError


def speech_writer(encoding: int, sample_rate_hertz: int, threads: Executor) -> SpeechWriter:
    """One call's way out for speech; a rate of 0 is the voice's own.

    Raises:
        InvalidArgumentError: It cannot be written so.
    """
    if encoding not in (riva_audio_pb2.ENCODING_UNSPECIFIED, riva_audio_pb2.LINEAR_PCM, riva_audio_pb2.OGGOPUS):
        message = "This encoding of speech is not supported. Ask for LINEAR_PCM or OGGOPUS."
        raise InvalidArgumentError("SPEECH_ENCODING_UNKNOWN", message)
    if sample_rate_hertz and not MIN_SAMPLE_RATE_HERTZ <= sample_rate_hertz <= MAX_SAMPLE_RATE_HERTZ:
        message = (
            f"The sample rate of speech is {sample_rate_hertz} Hz. Ask for {MIN_SAMPLE_RATE_HERTZ:,} to "
            f"{MAX_SAMPLE_RATE_HERTZ:,} Hz, or for 0: the voice's own."
        )
        raise InvalidArgumentError("SAMPLE_RATE_INVALID", message)
    return SpeechWriter(sample_rate_hertz, OGG_OPUS if encoding == riva_audio_pb2.OGGOPUS else None, threads)
