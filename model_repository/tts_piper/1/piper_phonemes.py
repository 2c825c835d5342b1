"""Phonemes as Piper's voices were trained on them: code points of IPA, with the marks that end clauses.

The way is that of the piper-phonemize library (Hansen, 2023), but for a full stop inside a sentence: it is an
abbreviation's, and no pause.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

PAD, BEGINNING, END = "_", "^", "$"
LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")  # eSpeak NG writes (en)…(es) around foreign words
# What ends clauses elsewhere, and the mark that eSpeak NG takes each for.
ASCII_MARKS = str.maketrans("。！？，、；：।؟،؛–—…", ".!?,,;:.?,;;;;")  # noqa: RUF001 - as they are written
SEPARATORS = " ,;:.?!"
LAST_MARK = re.compile(r"(\.*)([.?!,:;])\W*$")


def join_clauses(clauses: Sequence[tuple[str, str]], phoneme_map: Mapping[str, Sequence[str]]) -> list[str]:
    """The phonemes of one sentence.

    Args:
        clauses: Phonemes, and the text that was read for them.
        phoneme_map: What a voice has instead of a phoneme.
    """
    # To see that a clause is over, the next one's first letter is read with it.
    texts = [text[:-1] for _, text in clauses[:-1]] + [text for _, text in clauses[-1:]]
    spoken = ""
    for (phonemes, _), text in zip(clauses, texts, strict=True):
        spoken += LANGUAGE_SWITCH.sub("", phonemes) + (_inner_mark(text) if phonemes else "")
    spoken = spoken.rstrip(SEPARATORS) + _mark("".join(texts))
    decomposed = unicodedata.normalize("NFD", spoken)
    return [mapped for phoneme in decomposed for mapped in phoneme_map.get(phoneme, (phoneme,))]


def letters(text: str) -> list[str]:
    """The "phonemes" of a voice that was trained on letters: lower case, decomposed."""
    return list(unicodedata.normalize("NFD", text.casefold()))


def phoneme_ids(phonemes: Sequence[str], id_map: Mapping[str, Sequence[int]]) -> list[int]:
    """The ids of a sentence, padding between them; phonemes that the voice does not know are left out.

    Nothing, where it has no phoneme at all but spaces and marks.
    """
    known = [phoneme for phoneme in phonemes if phoneme in id_map]
    if not any(phoneme.isalnum() for phoneme in known):
        return []
    symbols = [BEGINNING, *known]
    return [number for symbol in symbols for number in (*id_map[symbol], *id_map[PAD])] + [*id_map[END]]


def _mark(text: str) -> str:
    """The mark at the end of a text; none where there is none."""
    found = LAST_MARK.search(text.translate(ASCII_MARKS))
    return found[2] if found else ""


def _inner_mark(text: str) -> str:
    """What comes between two clauses of a sentence."""
    found = LAST_MARK.search(text.translate(ASCII_MARKS).rstrip())
    if found is None or found[0] == ".":
        return " "
    return ", " if found[2] == "." else f"{found[2]} "
