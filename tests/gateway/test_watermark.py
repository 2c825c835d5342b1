"""Where the watermark stands."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.watermark import Watermark


def test_it_follows_the_recognizer_where_nothing_waits() -> None:
    """Silence moves it, and it says whether it moved."""
    watermark = Watermark(start_sample=100)
    assert not watermark.advance()
    watermark.recognized(300)
    assert watermark.advance()
    assert watermark.sample == 300
    assert not watermark.advance()


def test_it_waits_for_every_part_of_a_segment() -> None:
    """It stands at a final segment's start until the transcript and all translations are settled."""
    watermark = Watermark()
    watermark.wait_for("a", 200, {"transcript", "es"})
    watermark.recognized(500)
    watermark.advance()
    assert watermark.sample == 200
    watermark.settle("a", "es")
    assert not watermark.advance()
    watermark.settle("a", "transcript")
    watermark.advance()
    assert watermark.sample == 500


def test_it_knows_what_it_waits_for() -> None:
    """Segments and their parts that are not stored, until they are, or will not come."""
    watermark = Watermark()
    watermark.wait_for("0", 0, {"es"})
    watermark.wait_for("1", 100, {"es", "ca"})
    watermark.settle("1", "es")
    assert watermark.waiting() == [("0", "es"), ("1", "ca")]


def test_it_never_goes_back() -> None:
    """Neither an earlier word of the recognizer nor a segment before it moves it back."""
    watermark = Watermark()
    watermark.recognized(500)
    watermark.advance()
    watermark.recognized(400)
    watermark.wait_for("late", 100, {"transcript"})
    watermark.settle("unknown", "transcript")
    assert not watermark.advance()
    assert watermark.sample == 500


@given(st.permutations([(segment, part) for segment in range(4) for part in ("transcript", "es", "ca")]))
def test_any_order_of_settling_ends_at_the_same_place(order: list[tuple[int, str]]) -> None:
    """It always stands at the first segment that is not settled, whatever the order."""
    watermark = Watermark()
    for segment in range(4):
        watermark.wait_for(str(segment), segment * 100, {"transcript", "es", "ca"})
    watermark.recognized(400)
    missing = set(order)
    for segment, part in order:
        watermark.settle(str(segment), part)
        missing.discard((segment, part))
        watermark.advance()
        assert watermark.sample == min((first * 100 for first, _ in missing), default=400)
