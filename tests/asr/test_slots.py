import asyncio

import pytest

from asr.slots import SequenceSlots
from livetranslate.errors import ResourceExhaustedError
from livetranslate.models import Model

ONE = Model("asr_x", "asr", sequence_slots=1)


async def test_whoever_finds_none_waits_for_one() -> None:
    """The next one goes on when a slot is given back."""
    slots = SequenceSlots(ONE, 20)
    await slots.take()
    waiting = asyncio.ensure_future(slots.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    slots.give_back()
    await waiting


async def test_whoever_finds_one_has_not_waited() -> None:
    """No wait is shown where there are enough."""
    slots = SequenceSlots(Model("asr_x", "asr"), 20)
    for _ in range(100):
        await slots.take()
    assert slots.wait_seconds == 0.0


async def test_a_wait_shows_while_it_goes_on_and_after_it() -> None:
    """Also where it was in vain."""
    slots = SequenceSlots(ONE, 0.1)
    await slots.take()
    waiting = asyncio.ensure_future(slots.take())
    async with asyncio.timeout(20):
        while not slots.wait_seconds:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0)
    with pytest.raises(ResourceExhaustedError, match="All decoders are busy"):
        await waiting
    assert slots.wait_seconds >= 0.1
