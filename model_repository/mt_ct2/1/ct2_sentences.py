"""Sentences, for models that were trained on single ones: of several they tend to translate one and stop."""

import re
from collections.abc import Callable
from typing import Final

# A closing mark, and whatever closes with it; a space follows, except where a script has none.
_END: Final = re.compile(r"[.!?\u2026\u061f\u06d4\u0964][\"'\u201d\u2019\u00bb)]*(\s+)|[\u3002\uff01\uff1f]+(\s*)")
# What stands before the full stop of "Mr. Smith" and "U.S. troops".
_ABBREVIATION: Final = re.compile(r"(?:^|\s)(?:[^\W\d_][\w.]*\.\w+|[A-Z]\w{0,2})\.$")


def sentences(text: str) -> list[str]:
    """A text, cut after each sentence; together they are the text."""
    ends = [end for match in _END.finditer(text) if _is_end(text, match) and (end := match.end()) < len(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def last_sentence(text: str, prefix: str) -> tuple[str, str]:
    """The last sentence of a text, and what there is of its translation.

    The sentences before are left out where text and prefix have the same number of them; else both stay as they are.

    Args:
        text: What to translate.
        prefix: The translation of all but the end of the last sentence.
    """
    of_text, of_prefix = sentences(text), sentences(f"{prefix} \0")  # so that what is whole in it is seen to be
    if len(of_text) != len(of_prefix):
        return text, prefix
    return of_text[-1], of_prefix[-1].removesuffix(" \0").removesuffix("\0")


def packed(text: str, size: Callable[[str], int], most: int) -> list[str]:
    """A text in as few parts as there have to be: whole sentences, together no larger than `most` where they can be."""
    parts: list[str] = []
    for sentence in sentences(text):
        if parts and size(parts[-1] + sentence) <= most:
            parts[-1] += sentence
        else:
            parts.append(sentence)
    return parts


def _is_end(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends with a mark, rather than an abbreviation."""
    if text[match.end() : match.end() + 1].islower():
        return False
    return match[0][0] != "." or not _ABBREVIATION.search(text[: match.start() + 1])
