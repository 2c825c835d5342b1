"""The numbers in a text, in digits and, for the languages listed here, in words.

Words are put together as they are read: a smaller number after a round one is added, "hundred", "thousand" and
"million" multiply what stands before them.
"""

import re
from collections.abc import Iterator
from typing import Final

from livetranslate.models import primary

_TOKEN: Final = re.compile(r"\d{1,3}(?:[ .,'\u2019\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s-]")
_LONGEST_DIGITS: Final = 18


def _counted(words: str, start: int, step: int = 1) -> dict[str, int]:
    return {word: start + place * step for place, word in enumerate(words.split())}


_WORDS: Final = {
    "en": _counted("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen", 1)
    | _counted("sixteen seventeen eighteen nineteen", 16)
    | _counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
    | {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9},
    "es": _counted("un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince", 1)
    | _counted("dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro", 16)
    | _counted("veinticinco veintiséis veintisiete veintiocho veintinueve treinta", 25)
    | _counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa cien", 30, 10)
    | _counted("ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos", 100, 100)
    | _counted("ciento doscientas trescientas cuatrocientas quinientas seiscientas setecientas ochocientas", 100, 100)
    | {"novecientos": 900, "novecientas": 900, "uno": 1, "una": 1, "veintiún": 21, "veintiuna": 21}
    | {"mil": 1000, "millón": 10**6, "millones": 10**6},
}
_AND: Final = {"en": "and", "es": "y"}


def has_number_words(language: str) -> bool:
    """Whether numbers in words are known in a language; else only digits are."""
    return primary(language) in _WORDS


def numbers_in(text: str, language: str) -> frozenset[int]:
    """The numbers in a text without its marks, so that 3,000 and 3.000 are one; 0 and 1 are no more than words."""
    return frozenset(number for number in _numbers(text, primary(language)) if number > 1)


def _numbers(text: str, language: str) -> Iterator[int]:
    words, joint = _WORDS.get(language, {}), _AND.get(language)
    thousands = group = 0  # what is read so far: 2,000,000 and 5 of "two million five"
    for token in _TOKEN.findall(text.casefold()):
        if token[0].isdecimal():
            yield thousands + group
            thousands, group = 0, int("".join(filter(str.isdecimal, token))[:_LONGEST_DIGITS])
        elif (value := words.get(token)) is None:
            if token != joint:
                yield thousands + group
                thousands = group = 0
        elif value >= 1000:
            thousands, group = thousands + (group or 1) * value, 0
        elif value == 100 and 0 < group < 10:
            group *= value
        elif group % _room(value):
            yield thousands + group
            thousands, group = 0, value
        else:
            group += value
    yield thousands + group


def _room(value: int) -> int:
    """What a number must be a multiple of, for a smaller one to be added: 20 may become 25, and 5 no 7."""
    return 10 if value < 10 else 100 if value < 100 else 1000
