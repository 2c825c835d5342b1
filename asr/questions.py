"""Whether an English sentence is a question, by how it begins.

Spoken words come without punctuation and their melody is not heard here. What is left is the order of the words: in
questions a verb stands before its subject. So it knows "can you see it", "what is that" and "which one do you want",
takes "what we need is time" and "when it rains" for statements, and misses questions that only the voice asks.
"""

from collections.abc import Sequence
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAX_WORDS: Final = 16  # longer segments hold several sentences, and it is the last one that the mark would stand after

_ASKING: Final = _words("what where when why how who whom whose which")
_ASKING_SHORT: Final = _words("what's where's when's why's how's who's")
_OF_A_THING: Final = _words("what how whose which")  # "how many are", "which one is"
_ORDERS: Final = _words("do have had")  # "do the other one", "have a look" are not questions
_VERBS: Final = _ORDERS | _words(
    "is are am was were does did has can could will would shall should may might "
    "isn't aren't wasn't weren't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't"
)
_PRONOUNS: Final = _words("i you he she it we they there this that these those anyone anybody everyone")
_ARTICLES: Final = _words("the a an my your his her its our their any some")


def is_english_question(words: Sequence[str]) -> bool:
    """Whether a whole sentence, in lower case and without punctuation, is a question."""
    if len(words) > _MAX_WORDS:
        return False
    first, second, third = (*words, "", "", "")[:3]
    if first in _ASKING_SHORT:
        return True
    if first in _ASKING:
        is_relative = first == "which" and second in _VERBS  # "which is why"
        is_inverted = first in _OF_A_THING and second not in _PRONOUNS and third in _VERBS
        return (second in _VERBS and not is_relative) or is_inverted
    return first in _VERBS and (second in _PRONOUNS or (second in _ARTICLES and first not in _ORDERS))
