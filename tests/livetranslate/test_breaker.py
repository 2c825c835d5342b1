import asyncio

import grpc
import pytest

from livetranslate.breaker import Breaker, BreakerState
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    ResourceExhaustedError,
    UnavailableError,
)

CLOSED, HALF_OPEN, OPEN = BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN
AWAY = UnavailableError("AWAY", "It is away.")


class Watched:
    """A breaker that opens at the second failure, and what it told."""

    def __init__(self, open_seconds: float = 0.05) -> None:
        self.told: asyncio.Queue[BreakerState] = asyncio.Queue()
        self.breaker = Breaker("mt", self.told.put_nowait, failure_limit=2, open_seconds=open_seconds)

    def end(self, error: BaseException | None = None) -> None:
        """One call that ends so."""
        try:
            with self.breaker.guarding():
                if error is not None:
                    raise error
        except BaseException as raised:
            if raised is not error:
                raise

    async def next_state(self) -> BreakerState:
        async with asyncio.timeout(60):
            return await self.told.get()


@pytest.fixture
def watched() -> Watched:
    return Watched()


def rpc_error(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata())


@pytest.mark.parametrize(
    "failure",
    [
        AWAY,
        DeadlineExceededError("SLOW", "It is slow."),
        rpc_error(grpc.StatusCode.UNAVAILABLE),
        ConnectionResetError(),
        TimeoutError(),
        ExceptionGroup("", [AWAY]),
    ],
)
async def test_failures_in_a_row_open_it(watched: Watched, failure: Exception) -> None:
    """While open nothing is let through, and the refusal names the dependency."""
    watched.end(failure)
    assert watched.breaker.state is CLOSED
    watched.end(failure)
    assert watched.breaker.state is OPEN
    with pytest.raises(UnavailableError, match="mt has failed") as refusal, watched.breaker.guarding():
        pass
    assert (refusal.value.reason, refusal.value.metadata) == ("BREAKER_OPEN", {"dependency": "mt"})


@pytest.mark.parametrize(
    "answer",
    [
        InvalidArgumentError("WRONG", "No."),
        ResourceExhaustedError("FULL", "Not now."),
        InternalError("MODEL_FAILED", "One model of several is broken."),
        None,
    ],
)
async def test_an_answer_between_them_starts_the_count_again(watched: Watched, answer: Exception | None) -> None:
    """A dependency that says no, or that it is full, or that it failed at this, is there."""
    for _ in range(3):
        watched.end(AWAY)
        watched.end(answer)
    assert watched.breaker.state is CLOSED


@pytest.mark.parametrize("silence", [asyncio.CancelledError(), ValueError(), rpc_error(grpc.StatusCode.CANCELLED)])
async def test_what_says_nothing_changes_nothing(watched: Watched, silence: BaseException) -> None:
    """A cancelled call and a mistake of ours are neither failures nor answers."""
    watched.end(silence)
    watched.end(AWAY)
    watched.end(silence)
    assert watched.breaker.state is CLOSED
    watched.end(AWAY)
    assert watched.breaker.state is OPEN


async def test_it_is_tried_again_and_closes(watched: Watched) -> None:
    """After a moment a call goes through, whose answer closes the breaker."""
    watched.end(AWAY)
    watched.end(AWAY)
    assert [await watched.next_state(), await watched.next_state()] == [OPEN, HALF_OPEN]
    watched.end()
    assert await watched.next_state() is CLOSED


async def test_a_failed_try_opens_it_again(watched: Watched) -> None:
    """While half-open one failure is enough."""
    watched.end(AWAY)
    watched.end(AWAY)
    assert [await watched.next_state(), await watched.next_state()] == [OPEN, HALF_OPEN]
    watched.end(AWAY)
    assert [await watched.next_state(), await watched.next_state()] == [OPEN, HALF_OPEN]


async def test_one_at_a_time_while_half_open() -> None:
    """The second call is refused while the first is under way; the first one's answer lets all through."""
    watched = Watched(open_seconds=0.5)
    watched.end(AWAY)
    watched.end(AWAY)
    assert [await watched.next_state(), await watched.next_state()] == [OPEN, HALF_OPEN]
    with watched.breaker.guarding() as answered:
        with pytest.raises(UnavailableError), watched.breaker.guarding():
            pass
        answered()
        assert watched.breaker.state is CLOSED
        watched.end()


async def test_a_try_that_hangs_does_not_hold_the_others(watched: Watched) -> None:
    """While half-open one more call goes through at each interval, however long the one before takes."""
    watched.end(AWAY)
    watched.end(AWAY)
    assert [await watched.next_state(), await watched.next_state()] == [OPEN, HALF_OPEN]
    with watched.breaker.guarding():
        async with asyncio.timeout(60):
            while watched.breaker.state is HALF_OPEN:
                try:
                    watched.end()
                except UnavailableError:
                    await asyncio.sleep(0)


async def test_a_late_failure_of_an_earlier_call_is_ignored(watched: Watched) -> None:
    """A call that began before the outage and fails after it does not count against a dependency that is back."""

    async def slow_call() -> None:
        with watched.breaker.guarding():
            watched.end(AWAY)
            watched.end(AWAY)
            assert [await watched.next_state(), await watched.next_state()] == [OPEN, HALF_OPEN]
            raise AWAY

    with pytest.raises(UnavailableError):
        await slow_call()
    assert watched.breaker.state is HALF_OPEN
