"""What the translations of a segment's clauses come to together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mt.clauses import Clause
from mt.job import Translation
from mt.quality import QualityReason

_GRAVEST_FIRST = tuple(QualityReason)


@dataclass(frozen=True, slots=True)
class Total:
    """Of some clauses, each as heavy as its source text is long.

    Attributes:
        model: The model that gave most of it; empty where there is nothing.
        rejected_models: Models whose translations were worse.
        quality: The mean of their qualities; 1 where there is nothing.
        reasons: All that speaks against any, gravest first.
        missed_terms: All that any lacks.
    """

    model: str
    rejected_models: tuple[str, ...]
    quality: float
    reasons: tuple[QualityReason, ...]
    missed_terms: tuple[str, ...]


def total_of(clauses: Sequence[tuple[Clause, Translation]]) -> Total:
    """The clauses' models, qualities and faults together."""
    characters: Counter[str] = Counter()
    for clause, translation in clauses:
        characters[translation.model] += len(clause.text)
    quality = sum(len(clause.text) * translation.quality for clause, translation in clauses)
    reasons = {reason for _, translation in clauses for reason in translation.reasons}
    return Total(
        model=max(characters, key=characters.__getitem__, default=""),
        rejected_models=_once(model for _, translation in clauses for model in translation.rejected_models),
        quality=quality / characters.total() if clauses else 1.0,
        reasons=tuple(sorted(reasons, key=_GRAVEST_FIRST.index)),
        missed_terms=_once(term for _, translation in clauses for term in translation.missed_terms),
    )


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
