"""What sessions ask for while somebody speaks: the looks of `asr.window_decoding`, at the times when they are due.

Speakers say words at a steady pace, in segments of random length with pauses between them. Audio comes in chunks of
100 ms. The words are made up, for the weights are random: only the windows, the prompts and the times are as in a real
session.
"""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from asr.decoding import Piece
from asr.hypothesis import Hypothesis, Word
from asr.window_decoding import WindowDecoding, WindowOptions
from livetranslate.samples import SAMPLE_RATE_HERTZ, samples_of_ms

CHUNK_SAMPLES: Final = samples_of_ms(100)
END_SAMPLES: Final = samples_of_ms(512)  # of quiet, before a segment's end is known
SEGMENT_SECONDS: Final = (2, 25)  # from an answer to a sentence after sentence
PAUSE_SECONDS: Final = (0.6, 2.0)
WORD_SAMPLES: Final = samples_of_ms(400)  # 150 words a minute
SENTENCE_WORDS: Final = 12  # on average


@dataclass(frozen=True, slots=True)
class Look:
    """A window that is to be heard.

    Attributes:
        due_seconds: When its last audio is there.
        answer_by_seconds: When the session's next look is due.
        samples: How long the window is.
        prompt: What was said before it.
        is_final: Whether it makes a segment final.
    """

    due_seconds: float
    answer_by_seconds: float
    samples: int
    prompt: str
    is_final: bool


def looks_of(sessions: int, seconds: float, *, has_prompts: bool = True) -> list[Look]:
    """All looks of so many sessions, each somewhere in the middle of its talk, in the order in which they are due."""
    looks = [look for session in range(sessions) for look in _of_session(session, seconds)]
    looks.sort(key=lambda look: look.due_seconds)
    return looks if has_prompts else [replace(look, prompt="") for look in looks]


def talk(speaker: random.Random) -> Iterator[Look]:
    """The looks of one speaker, without end."""
    for look, following in pairwise(_looks(speaker)):
        yield replace(look, answer_by_seconds=following.due_seconds)


def _of_session(session: int, seconds: float) -> Iterator[Look]:
    speaker = random.Random(session)
    start = speaker.uniform(0, 60)
    for look in talk(speaker):
        if look.due_seconds >= start + seconds:
            return
        if look.due_seconds >= start:
            yield replace(look, due_seconds=look.due_seconds - start, answer_by_seconds=look.answer_by_seconds - start)


def _looks(speaker: random.Random) -> Iterator[Look]:
    start = 0
    while True:
        end = start + int(speaker.uniform(*SEGMENT_SECONDS) * SAMPLE_RATE_HERTZ)
        yield from _of_segment(_words(speaker, start, end), start, end)
        start = end + int(speaker.uniform(*PAUSE_SECONDS) * SAMPLE_RATE_HERTZ)


def _of_segment(words: list[Word], start: int, end: int) -> Iterator[Look]:
    decoding = WindowDecoding(WindowOptions(max_samples=30 * SAMPLE_RATE_HERTZ), start)
    for heard_until in range(start, end, CHUNK_SAMPLES):
        if (piece := decoding.next_piece(heard_until, None)) is not None:
            yield _look(piece, heard_until)
            decoding.receive(piece, _heard(words, piece))
    while (piece := decoding.next_piece(end, end)) is not None:
        yield _look(piece, end + END_SAMPLES)
        decoding.receive(piece, _heard(words, piece))
        if piece.is_end:
            return


def _look(piece: Piece, due_sample: int) -> Look:
    due = due_sample / SAMPLE_RATE_HERTZ
    return Look(due, due, piece.end_sample - piece.start_sample, piece.prompt, piece.is_end)


def _heard(words: list[Word], piece: Piece) -> Hypothesis:
    inside = (word for word in words if piece.start_sample <= word.start_sample and word.end_sample <= piece.end_sample)
    return Hypothesis(tuple(inside))


def _words(speaker: random.Random, start: int, end: int) -> list[Word]:
    """Words of a letter, for the made-up tokenizer has a token for each letter and each space."""
    return [
        Word(
            speaker.choice(string.ascii_lowercase) + ("." if speaker.random() < 1 / SENTENCE_WORDS else ""),
            sample,
            sample + WORD_SAMPLES,
            confidence=0.9,
        )
        for sample in range(start, end - WORD_SAMPLES, WORD_SAMPLES)
    ]
