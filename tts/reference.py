"""What a voice that imitates somebody is given to imitate."""

from dataclasses import replace

from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ
from tts.utterance import Voice

MAX_SECONDS = 30


def with_reference(voice: Voice, reference: bytes) -> Voice:
    """The voice as it speaks in one stream: one that imitates, with what it imitates.

    Raises:
        InvalidArgumentError: The reference is missing, unwanted, or no audio of a sensible length.
    """
    if not voice.is_imitation and reference:
        message = f"`config.reference_audio` is for a voice that imitates; {voice.name or 'the default'!r} does not."
        raise InvalidArgumentError("REFERENCE_UNWANTED", message, voice=voice.name)
    if voice.is_imitation and not reference:
        message = f"The voice {voice.name!r} imitates `config.reference_audio`, which is empty. Send 5 s or more."
        raise InvalidArgumentError("REFERENCE_MISSING", message, voice=voice.name)
    if len(reference) % BYTES_PER_SAMPLE or len(reference) > MAX_SECONDS * SAMPLE_RATE_HERTZ * BYTES_PER_SAMPLE:
        message = f"`config.reference_audio` is not at most {MAX_SECONDS} s of 16 kHz mono s16le."
        raise InvalidArgumentError("REFERENCE_INVALID", message, limit=str(MAX_SECONDS))
    return replace(voice, reference=reference)
