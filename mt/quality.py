"""How good a translation seems to be, by signs that need no reference.

Quality is a number from 0 to 1, the product over all signs of 1 - weight * severity: what nothing speaks against has
1, and each sign takes its share of what the others have left. Severities are those of `mt.signs`; the weights say how
sure a sign is, and how much of the meaning is gone with it:

    EMPTY            1.0    nothing is left
    WRONG_LANGUAGE   0.8    the reader understands nothing
    COPIED           0.7    as above, but related languages may share a sentence
    REPETITION       0.7    the loop has eaten the rest
    LENGTH           0.6    much is missing or made up
    LOW_SCORE        0.5    the engine's own word; what it means differs between engines
    TERM_MISSED      0.4    somebody asked for it
    NUMBER_LOST      0.4    a number may also be written in other words
    NAME_LOST        0.15   names are translated, too (Germany, Alemania): it says little by itself

With a bound of 0.7 each sign but NAME_LOST is enough to ask another model, where it is severe.

Whether these signs agree with people was not measured; `tests/mt/test_quality.py` holds them to good translations
passing and broken ones being told. They do not see a fluent translation of something else: that takes a learned
estimate (COMET-Kiwi, MetricX), which costs as much as the translation itself.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mt import signs


class QualityReason(StrEnum):
    """A sign that a translation may be bad, gravest first; the names are those of `QualityReason` on the wire."""

    EMPTY = "EMPTY"
    WRONG_LANGUAGE = "WRONG_LANGUAGE"
    COPIED = "COPIED"
    REPETITION = "REPETITION"
    LENGTH = "LENGTH"
    LOW_SCORE = "LOW_SCORE"
    TERM_MISSED = "TERM_MISSED"
    NUMBER_LOST = "NUMBER_LOST"
    NAME_LOST = "NAME_LOST"


_WEIGHTS: Final = {
    QualityReason.EMPTY: 1.0,
    QualityReason.WRONG_LANGUAGE: 0.8,
    QualityReason.COPIED: 0.7,
    QualityReason.REPETITION: 0.7,
    QualityReason.LENGTH: 0.6,
    QualityReason.LOW_SCORE: 0.5,
    QualityReason.TERM_MISSED: 0.4,
    QualityReason.NUMBER_LOST: 0.4,
    QualityReason.NAME_LOST: 0.15,
}


@dataclass(frozen=True, slots=True)
class Rating:
    """What the signs say.

    Attributes:
        quality: 0 to 1.
        reasons: The signs that are there, gravest first.
    """

    quality: float = 1.0
    reasons: tuple[QualityReason, ...] = ()


def rate(
    source: str,
    translation: str,
    source_language: str,
    target_language: str,
    *,
    score: float | None = None,
    are_terms_missed: bool = False,
) -> Rating:
    """Look for all signs; takes less than a millisecond for a sentence, once the languages are loaded.

    Args:
        source: What was translated.
        translation: What came out.
        source_language: BCP-47.
        target_language: BCP-47.
        score: The mean log probability of the translation's tokens, where the engine gives it.
        are_terms_missed: Whether a term of the glossary is missing.
    """
    source, translation = source.strip(), translation.strip()
    if not any(map(str.isalnum, source)):
        return Rating()
    if not any(map(str.isalnum, translation)):
        return Rating(0.0, (QualityReason.EMPTY,))
    pair = source_language, target_language
    severities = {
        QualityReason.WRONG_LANGUAGE: signs.wrong_language(source, translation, *pair),
        QualityReason.COPIED: signs.copied(source, translation),
        QualityReason.REPETITION: signs.repeating(source, translation),
        QualityReason.LENGTH: signs.odd_length(source, translation, *pair),
        QualityReason.LOW_SCORE: signs.low_score(score),
        QualityReason.TERM_MISSED: float(are_terms_missed),
        QualityReason.NUMBER_LOST: signs.lost_numbers(source, translation, *pair),
        QualityReason.NAME_LOST: signs.lost_names(source, translation, source_language),
    }
    quality = 1.0
    for reason, severity in severities.items():
        quality *= 1 - _WEIGHTS[reason] * severity
    return Rating(quality, tuple(reason for reason, severity in severities.items() if severity > 0))
