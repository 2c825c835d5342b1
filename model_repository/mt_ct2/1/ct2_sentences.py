"""The sentence that is being translated, out of a text of several."""

import re
from typing import Final

# A closing mark, and whatever closes with it; a space follows, except where a script has none.
_END: Final = re.compile(r"(?<=[.!?\u2026\u061f\u06d4\u0964])[\"'\u201d\u2019\u00bb)]*\s+|(?<=[\u3002\uff01\uff1f])\s*")


def last_sentence(text: str, prefix: str) -> tuple[str, str]:
    """The last sentence of a text, and what there is of its translation.

    The models were trained on single sentences: of several they tend to translate one and stop. Sentences before the
    last are left out where text and prefix have the same number of them; else both stay as they are.

    Args:
        text: What to translate.
        prefix: The translation of all but the end of the last sentence.
    """
    ends = [match.end() for match in _END.finditer(text) if match.end() < len(text)]
    prefix_ends = [match.end() for match in _END.finditer(prefix + " ")]
    if not ends or len(ends) != len(prefix_ends):
        return text, prefix
    return text[ends[-1] :], prefix[prefix_ends[-1] :]
