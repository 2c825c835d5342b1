"""When a translation is committed."""

import pytest

from mt.policy import Policy, policy_for


@pytest.mark.parametrize(
    ("source", "target", "policy"),
    [
        ("en", "es", Policy.CLAUSES),
        ("en-GB", "pt-BR", Policy.CLAUSES),
        ("ja", "ko", Policy.CLAUSES),
        ("de", "nl", Policy.CLAUSES),
        ("en", "ja", Policy.SEGMENTS),
        ("de-CH", "en", Policy.SEGMENTS),
        ("tr", "de", Policy.SEGMENTS),
        ("zh", "en", Policy.SEGMENTS),
    ],
)
def test_the_pair_decides(source: str, target: str, policy: Policy) -> None:
    """Clauses between languages that put the verb in the same place, segments between others."""
    assert policy_for(Policy.UNSPECIFIED, source, target) is policy


def test_what_was_asked_for_holds() -> None:
    """A policy that was named is not decided by the pair."""
    assert policy_for(Policy.CLAUSES, "ja", "en") is Policy.CLAUSES
    assert policy_for(Policy.SEGMENTS, "en", "es") is Policy.SEGMENTS
