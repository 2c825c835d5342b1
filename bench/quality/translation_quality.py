"""BLEU and chrF, by sacrebleu, with the signatures that make them comparable."""

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF


@dataclass(frozen=True, slots=True)
class TranslationQuality:
    """Corpus scores, 0 to 100, and how they were made."""

    bleu: float
    chrf: float
    signatures: tuple[str, str]


def translation_quality(translations: Sequence[str], references: Sequence[str]) -> TranslationQuality:
    """Score translations, sentence by sentence as the references are."""
    bleu, chrf = BLEU(), CHRF()
    scores = [metric.corpus_score(translations, [references]).score for metric in (bleu, chrf)]
    signatures = str(bleu.get_signature()), str(chrf.get_signature())
    return TranslationQuality(round(scores[0], 2), round(scores[1], 2), signatures)
