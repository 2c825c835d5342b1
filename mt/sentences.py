"""Where sentences end, by the rules of the `sentencex` library: a full stop may also belong to an abbreviation."""

import sentencex

from livetranslate.models import primary
from mt.marks import has_final_mark, has_plain_final_mark


def ends_sentence(text: str, following: str, language: str) -> bool:
    """Whether a sentence ends at the end of `text`, as far as the word after it tells."""
    if not has_final_mark(text):
        return False
    if has_plain_final_mark(text):
        return True
    sentences: list[str] = sentencex.segment(primary(language), f"{text} {following}")
    return sentences[-1].strip() == following
