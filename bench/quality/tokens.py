"""Words as they are compared where only a change of the words counts."""

import string
from itertools import takewhile

_PUNCTUATION = string.punctuation + "¿¡…«»“”„"


def tokens(text: str) -> list[str]:
    """The words without case and without the punctuation around them: a full stop that is added takes nothing back."""
    bare = (word.strip(_PUNCTUATION).casefold() for word in text.split())
    return [word for word in bare if word]


def common_prefix(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
