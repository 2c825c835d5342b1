"""Answers that have to be read."""

import asyncio
from contextlib import aclosing

import pytest

from gateway.riva.rpc import SendAny, answers
from gateway.service import ANSWERS_WAITING
from livetranslate.errors import DeadlineExceededError


async def test_what_is_read_in_time_comes_through() -> None:
    """In its order."""

    async def work(send: SendAny) -> None:
        for number in range(3 * ANSWERS_WAITING):
            await send(number)

    async with aclosing(answers(work, 60.0)) as responses:
        assert [response async for response in responses] == list(range(3 * ANSWERS_WAITING))


async def test_a_client_that_does_not_read_is_not_waited_for() -> None:
    """Some answers wait for it, and then the call fails."""
    failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def work(send: SendAny) -> None:
        try:
            for _ in range(3 * ANSWERS_WAITING):
                await send(b"")
        except DeadlineExceededError as error:
            failure.set_result(error)
            raise

    async with aclosing(answers(work, 0.01)) as responses:
        await anext(responses)
        await failure
        with pytest.raises(DeadlineExceededError, match="Nothing was read"):
            [response async for response in responses]
