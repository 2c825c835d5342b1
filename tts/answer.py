"""What a session tells its client."""

from dataclasses import dataclass

from tts.utterance import Sound, Utterance


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next stretch of an utterance's speech."""

    utterance: Utterance
    sound: Sound
    is_last: bool
    playout_sample: int = 0  # where in the session's time it is to be heard

    @property
    def lag_samples(self) -> int:
        """How far that is behind the end of what it translates."""
        end_sample = self.utterance.end_sample
        return 0 if end_sample is None else max(0, self.playout_sample - end_sample)


@dataclass(frozen=True, slots=True)
class Failure:
    """An utterance that could not be spoken, or not to its end; no more of it comes."""

    utterance: Utterance
    message: str


@dataclass(frozen=True, slots=True)
class Skip:
    """An utterance that is left out, to keep up; an empty last chunk closes it."""

    utterance: Utterance
    lag_samples: int


Answer = Chunk | Failure | Skip
