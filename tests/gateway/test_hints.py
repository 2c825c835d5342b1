from dataclasses import replace

from gateway.hints import INTERVAL_SECONDS, Hints
from tests.gateway.bodies import final, partial


def test_what_is_committed_is_told_at_once() -> None:
    """Every word that is committed, every new segment, and every final, however soon after the last."""
    hints, growing = Hints(), partial(1)
    grown = replace(growing, committed_text="Good morning")
    assert all(
        hints.is_worth_telling(transcript, now=0.0)
        for transcript in (growing, grown, partial(2), final(2), final(2), partial(3))
    )


def test_of_tails_one_now_and_then_is_told() -> None:
    """A tail that comes soon after another one of the same words waits for the next."""
    hints, growing = Hints(), partial(1)
    times = [0.0, 0.256, 0.512, 0.768, 0.512 + INTERVAL_SECONDS, 1.28]
    told = [hints.is_worth_telling(replace(growing, unstable_text=f"{now}"), now) for now in times]
    assert told == [True, False, True, False, True, False]
