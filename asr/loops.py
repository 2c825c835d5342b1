"""Finds where a recognizer has fallen into a loop: the same words again and again, which nobody said.

Models that predict text from text, as Whisper does, sometimes go round in circles on noise or music. Each pass over
the audio then finds the same circle, so that agreement of two passes proves nothing. People repeat themselves, too,
but less often, and each word takes its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asr.hypothesis import Word
from livetranslate.samples import samples_of_ms


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """How often the same words may follow one another."""

    max_words: int = 4  # one word: "no, no, no, no"
    max_phrases: int = 3  # several words: "thank you, thank you, thank you"
    phrase_words: int = 12  # longer circles are not looked for
    shortest_samples: int = samples_of_ms(40)  # of a repeated word: a single sound takes as long


def find_loop(words: Sequence[Word], options: LoopOptions) -> slice | None:
    """The repetitions of the first loop, without what is repeated; None where there is no loop.

    What holds of words holds of their first ones: if they have no loop, no beginning of them has one.
    """
    keys = [key_of(word) for word in words]
    for start in range(len(words)):
        for length in range(1, options.phrase_words + 1):
            first, end = start + length, _end_of_circle(keys, start, length)
            if end - start >= 2 * length and _is_loop(words, start, first, end, options):
                return slice(first, end)
    return None


def without_loops(words: Sequence[Word], options: LoopOptions, earlier: Sequence[Word] = ()) -> list[Word]:
    """The words without what loops repeat, as they follow `earlier` ones, which have no loop."""
    kept = list(words)
    while (loop := find_loop([*earlier, *kept], options)) is not None:
        del kept[max(0, loop.start - len(earlier)) : loop.stop - len(earlier)]
    return kept


def key_of(word: Word) -> str:
    """What makes two words the same: case and punctuation do not matter."""
    letters = "".join(letter for letter in word.text.casefold() if letter.isalnum())
    return letters or word.text


def _end_of_circle(keys: Sequence[str], start: int, length: int) -> int:
    """How far the words from `start` on repeat each other at a distance of `length`."""
    end = start + length
    while end < len(keys) and keys[end] == keys[end - length]:
        end += 1
    return end


def _is_loop(words: Sequence[Word], start: int, first: int, end: int, options: LoopOptions) -> bool:
    """Whether too many circles, or too fast ones, go from `start` to `end`; the first is over at `first`."""
    length = first - start
    most = options.max_words if length == 1 else options.max_phrases
    is_hasty = any(word.end_sample - word.start_sample < options.shortest_samples for word in words[first:end])
    return is_hasty or (end - start) // length > most
