from bench.quality.tokens import common_prefix, tokens


def test_case_and_punctuation_do_not_count() -> None:
    """Only letters and what stands inside words is compared."""
    assert tokens("¿Qué hora es? - Don't know, e.g. “two”.") == ["qué", "hora", "es", "don't", "know", "e.g", "two"]


def test_common_prefix_ends_at_the_first_difference() -> None:
    """What is equal again later does not count."""
    assert common_prefix(["a", "b", "c"], ["a", "x", "c"]) == 1
    assert common_prefix(["a"], ["a", "b"]) == 1
    assert common_prefix([], ["a"]) == 0
