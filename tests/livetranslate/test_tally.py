import asyncio

import pytest

from livetranslate.errors import ResourceExhaustedError, UnavailableError
from livetranslate.tally import Tally


async def test_a_request_is_counted_when_it_is_asked_and_when_it_is_over() -> None:
    """In between it is under way."""
    tally = Tally()
    async with tally.counting():
        assert tally == Tally(asked=1)
    assert tally == Tally(asked=1, ended=1)


@pytest.mark.parametrize(
    ("error", "refused"),
    [(ResourceExhaustedError("MODEL_BUSY", ""), 1), (UnavailableError("AWAY", ""), 0), (asyncio.CancelledError(), 0)],
)
async def test_only_a_lack_of_time_is_a_refusal(error: BaseException, refused: int) -> None:
    """However a request ends, it is over."""
    tally = Tally()
    with pytest.raises(type(error)):
        async with tally.counting():
            raise error
    assert tally == Tally(asked=1, ended=1, refused=refused)


def test_a_wait_is_counted() -> None:
    """Where it was in vain, so is the request that never came to be."""
    tally = Tally()
    with tally.waiting():
        pass
    assert tally.waited_seconds > 0
    assert (tally.entered, tally.asked) == (1, 0)
    with pytest.raises(ResourceExhaustedError), tally.waiting():
        raise ResourceExhaustedError("MODEL_BUSY", "")
    assert (tally.asked, tally.ended, tally.refused, tally.entered) == (1, 1, 1, 1)


def test_a_copy_stands_still() -> None:
    """What is counted later does not show in it."""
    tally = Tally()
    copy = tally.copy()
    tally.asked += 1
    assert copy == Tally()
