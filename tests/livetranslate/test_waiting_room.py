import asyncio

import pytest

from livetranslate.errors import ResourceExhaustedError
from livetranslate.waiting_room import WaitingRoom


async def fill(room: WaitingRoom, order: list[str], name: str, *, is_draft: bool = False) -> "asyncio.Task[None]":
    """Somebody who waits, and tells when it is their turn."""

    async def wait() -> None:
        await room.enter(is_draft=is_draft, timeout_seconds=60)
        order.append(name)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    return task


async def test_whoever_finds_a_place_does_not_wait() -> None:
    """As many as there are places go in at once."""
    room = WaitingRoom(2)
    for _ in range(2):
        await room.enter(is_draft=True, timeout_seconds=0)


async def test_finals_go_before_drafts_that_came_earlier() -> None:
    """Of each kind those that came first."""
    room, order = WaitingRoom(1), list[str]()
    await room.enter(is_draft=False, timeout_seconds=60)
    waiting = [await fill(room, order, f"draft {number}", is_draft=True) for number in range(2)]
    waiting += [await fill(room, order, f"final {number}") for number in range(2)]
    for _ in waiting:
        room.leave()
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == ["final 0", "final 1", "draft 0", "draft 1"]


async def test_whoever_waits_for_too_long_is_refused() -> None:
    """And does not take the place of those behind."""
    room, order = WaitingRoom(1), list[str]()
    await room.enter(is_draft=False, timeout_seconds=60)
    with pytest.raises(ResourceExhaustedError, match="more work"):
        await room.enter(is_draft=True, timeout_seconds=0.01)
    behind = await fill(room, order, "behind")
    room.leave()
    await behind
    assert order == ["behind"]


@pytest.mark.parametrize(("is_draft", "limit"), [(True, 256), (False, 1024)])
async def test_only_so_many_wait(is_draft: bool, limit: int) -> None:
    """The next one is refused at once; drafts do not take the room of finals."""
    room, order = WaitingRoom(1), list[str]()
    await room.enter(is_draft=False, timeout_seconds=60)
    waiting = [await fill(room, order, "", is_draft=is_draft) for _ in range(limit)]
    with pytest.raises(ResourceExhaustedError):
        await room.enter(is_draft=is_draft, timeout_seconds=60)
    waiting.append(await fill(room, order, "other", is_draft=not is_draft))
    assert not waiting[-1].done()
    for task in waiting:
        task.cancel()


@pytest.mark.parametrize("is_its_turn", [True, False])
async def test_whoever_gives_up_takes_no_place(is_its_turn: bool) -> None:
    """Not even in the moment in which it is their turn: all places are there afterwards."""
    room, order = WaitingRoom(1), list[str]()
    await room.enter(is_draft=False, timeout_seconds=60)
    waiting = await fill(room, order, "gives up")
    if is_its_turn:
        room.leave()
        waiting.cancel()
    else:
        waiting.cancel()
        room.leave()
    await asyncio.gather(waiting, return_exceptions=True)
    assert order == []
    await room.enter(is_draft=False, timeout_seconds=0)
