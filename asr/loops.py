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
    """The repetitions of the loop that repeats earliest, without what is repeated; None where there is no loop.

    So the words before it have no loop, and what has none has none in any beginning either.
    """
    keys = [key_of(word) for word in words]
    for first in range(1, len(words)):
        for length in range(1, min(first, options.phrase_words) + 1):
            end = _end_of_repetition(keys, first, length)
            if end - first >= length and _is_loop(words[first:end], length, options):
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


def _end_of_repetition(keys: Sequence[str], first: int, length: int) -> int:
    """How far the words from `first` on say what was said `length` words before."""
    end = first
    while end < len(keys) and keys[end] == keys[end - length]:
        end += 1
    return end


def _is_loop(repetitions: Sequence[Word], length: int, options: LoopOptions) -> bool:
    """Whether so many words are too many after the `length` that they repeat, or said too fast."""
    most = options.max_words if length == 1 else options.max_phrases
    is_hasty = any(word.end_sample - word.start_sample < options.shortest_samples for word in repetitions)
    return is_hasty or len(repetitions) // length >= most
