"""The core of tts: texts and pieces of speech in; one text to speak at a time and answers out. It never waits.

Its laws:

- texts are spoken in the order they came, one at a time;
- each is closed exactly once: by its last chunk, or by a failure, after which nothing more of it comes;
- no two are heard at the same time, and none begins further behind its source than the pacing allows.
"""

from collections import deque
from collections.abc import Sequence

from livetranslate.samples import BYTES_PER_SAMPLE
from tts.answer import Answer, Chunk, Failure, Skip
from tts.joiner import Joiner
from tts.pacing import Pacer
from tts.utterance import GREATEST_RATE, LEAST_RATE, Sound, Utterance

MAX_TEXT_CHARACTERS = 5_000


class TtsSession:
    """One session's speech in one language."""

    def __init__(self, pacer: Pacer, *, input_limit: int, least_chunk_bytes: int) -> None:
        """Start out empty.

        Args:
            pacer: Knows when texts are heard, and how fast they are to be spoken.
            input_limit: Texts that may wait before `has_room` says no.
            least_chunk_bytes: The least speech in a chunk that is neither the first nor the last of its text.
        """
        self._pacer = pacer
        self._input_limit = input_limit
        self._least_chunk_bytes = least_chunk_bytes
        self._waiting: deque[Utterance] = deque()
        self._speaking: Utterance | None = None
        self._joiner = Joiner(least_chunk_bytes)
        self._answers: list[Answer] = []
        self._is_ended = False

    @property
    def waiting_count(self) -> int:
        """Texts that wait to be spoken."""
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether another request may be read."""
        return self.waiting_count < self._input_limit

    @property
    def is_done(self) -> bool:
        """Whether everything was spoken and nothing more will come."""
        return self._is_ended and not self._waiting and self._speaking is None and not self._answers

    def receive_utterance(self, utterance: Utterance) -> None:
        """Take a text to speak after those before."""
        self._waiting.append(utterance)

    def receive_end(self) -> None:
        """No text comes any more."""
        self._is_ended = True

    def utterance_to_speak(self) -> Utterance | None:
        """The next text, once the one before is closed; what needs no model, or must not reach it, is closed here."""
        while self._speaking is None and self._waiting:
            utterance = self._waiting.popleft()
            if (fault := _fault(utterance)) is not None:
                self._answers.append(_failure(utterance, fault))
            elif not utterance.text.strip():
                self._close(utterance)
            elif self._pacer.is_too_late(utterance.end_sample):
                self._answers.append(Skip(utterance, self._pacer.lag_samples(utterance.end_sample)))
                self._close(utterance)
            else:
                self._joiner = Joiner(self._least_chunk_bytes)
                self._speaking = utterance.hurried(self._pacer.begin(utterance.end_sample))
                return self._speaking
        return None

    def receive_sound(self, sound: Sound) -> None:
        """Take the next piece of the text being spoken."""
        joined = self._joiner.add(sound)
        if joined is not None:
            self._give(joined, is_last=False)

    def receive_silence(self) -> None:
        """The text being spoken is over."""
        self._give(self._joiner.rest(), is_last=True)
        self._speaking = None

    def receive_failure(self, reason: str) -> None:
        """Give up the text being spoken; `reason` must not carry text of the session."""
        self._answers.append(_failure(self._utterance(), reason))
        self._speaking = None

    def answers_to_send(self) -> Sequence[Answer]:
        """Answers that are ready; each is given once."""
        answers, self._answers = self._answers, []
        return answers

    def _give(self, sound: Sound, *, is_last: bool) -> None:
        self._answers.append(Chunk(self._utterance(), sound, is_last, self._pacer.playout_sample))
        self._pacer.receive_speech(len(sound.samples) // BYTES_PER_SAMPLE)

    def _close(self, utterance: Utterance) -> None:
        """Nothing of a text is heard."""
        self._answers.append(Chunk(utterance, Sound(b""), is_last=True, playout_sample=self._pacer.playout_sample))

    def _utterance(self) -> Utterance:
        if self._speaking is None:
            raise RuntimeError("speech came while nothing was being spoken")
        return self._speaking


def _fault(utterance: Utterance) -> str | None:
    """Why a text must not reach the model."""
    if len(utterance.text) > MAX_TEXT_CHARACTERS:
        return f"it has more than {MAX_TEXT_CHARACTERS:,} characters"
    if not LEAST_RATE <= utterance.speaking_rate <= GREATEST_RATE:  # also not a number
        return f"its speaking_rate is not between {LEAST_RATE:g} and {GREATEST_RATE:g}"
    return None


def _failure(utterance: Utterance, reason: str) -> Failure:
    return Failure(utterance, f"This text could not be spoken: {reason}. Later texts go on.")
