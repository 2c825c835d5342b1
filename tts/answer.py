"""What a session tells its client."""

from dataclasses import dataclass

from tts.utterance import Sound, Utterance


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next stretch of an utterance's speech."""

    utterance: Utterance
    sound: Sound
    is_last: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """An utterance that could not be spoken, or not to its end; no more of it comes."""

    utterance: Utterance
    message: str


Answer = Chunk | Failure
