"""Which audio is accepted, and how what is not is refused."""

from dataclasses import dataclass
from enum import Enum, auto

from livetranslate.errors import InvalidArgumentError

MIN_SAMPLE_RATE_HERTZ = 8_000
MAX_SAMPLE_RATE_HERTZ = 48_000
MAX_CHANNEL_COUNT = 8

ACCEPTED = (
    "WAV, FLAC, MP3, Ogg/Opus, WebM/Opus, or headerless PCM (s16le or f32le, 8,000 to 48,000 Hz, 1 to 8 channels)"
)


class Encoding(Enum):
    """How samples are written."""

    SNIFFED = auto()  # the first bytes tell
    PCM_S16LE = auto()
    PCM_F32LE = auto()
    CONTAINER = auto()


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """The format of a stream of audio. Rate and channels count for PCM alone; containers tell their own."""

    encoding: Encoding = Encoding.SNIFFED
    sample_rate_hertz: int = 0
    channel_count: int = 1

    def __post_init__(self) -> None:
        """Refuses PCM that is out of range.

        Raises:
            InvalidArgumentError: With the offending field as metadata.
        """
        if self.encoding not in {Encoding.PCM_S16LE, Encoding.PCM_F32LE}:
            return
        if not MIN_SAMPLE_RATE_HERTZ <= self.sample_rate_hertz <= MAX_SAMPLE_RATE_HERTZ:
            raise _invalid("sample_rate_hertz", self.sample_rate_hertz)
        if not 1 <= self.channel_count <= MAX_CHANNEL_COUNT:
            raise _invalid("channel_count", self.channel_count)


def _invalid(field: str, value: int) -> InvalidArgumentError:
    return InvalidArgumentError(
        "AUDIO_FORMAT_INVALID", f"{field} is {value}; accepted is {ACCEPTED}", field=field, value=str(value)
    )


def undecodable(why: str) -> InvalidArgumentError:
    """The refusal of audio that does not keep what it promises."""
    return InvalidArgumentError("AUDIO_UNDECODABLE", f"the audio cannot be decoded: {why}; accepted is {ACCEPTED}")
