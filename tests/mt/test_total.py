"""What the translations of clauses come to together."""

import pytest

from mt.clauses import Clause
from mt.job import Translation
from mt.quality import QualityReason
from mt.total import total_of


def test_long_clauses_count_for_more() -> None:
    """Quality is the mean by length of source, and the model is that of most text."""
    short = Translation("uno", model="mt_small", quality=0.2)
    long = Translation("dos", model="mt_large", quality=0.8)
    total = total_of([(Clause("one", 0, 0), short), (Clause("two three", 4, 0), long)])
    assert total.quality == pytest.approx(0.65)
    assert total.model == "mt_large"


def test_faults_are_united() -> None:
    """Each reason, term and rejected model is told once, the gravest reason first."""
    first = Translation(
        "uno", rejected_models=("a", "b"), reasons=(QualityReason.LENGTH,), missed_terms=("cat",), model="c"
    )
    second = Translation(
        "dos",
        rejected_models=("b",),
        reasons=(QualityReason.EMPTY, QualityReason.LENGTH),
        missed_terms=("cat", "dog"),
        model="c",
    )
    total = total_of([(Clause("one", 0, 0), first), (Clause("two", 4, 0), second)])
    assert total.rejected_models == ("a", "b")
    assert set(total.reasons) == {QualityReason.EMPTY, QualityReason.LENGTH}
    assert list(total.reasons) == [reason for reason in QualityReason if reason in total.reasons]
    assert total.missed_terms == ("cat", "dog")


def test_nothing_is_perfect() -> None:
    """Where there is nothing to translate there is no model and no fault."""
    total = total_of([])
    assert (total.model, total.quality, total.reasons) == ("", 1.0, ())
