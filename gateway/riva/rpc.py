"""What the methods of Riva's services share: answers that a client has to read."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any

import grpc

from gateway.service import ANSWERS_WAITING
from livetranslate.answers import answers_of
from livetranslate.errors import DeadlineExceededError

Context = grpc.aio.ServicerContext[Any, Any]
SendAny = Callable[[Any], Awaitable[None]]
"""Sends one of Riva's responses."""


def answers(work: Callable[[SendAny], Coroutine[None, None, None]], stall_seconds: float) -> AsyncGenerator[Any, None]:
    """What `work` sends, to be yielded to the client.

    Raises:
        DeadlineExceededError: The client has left an answer unread for so long.
    """

    async def work_in_time(send: SendAny) -> None:
        async def send_in_time(response: Any) -> None:
            try:
                async with asyncio.timeout(stall_seconds):
                    await send(response)
            except TimeoutError:
                message = f"Nothing was read for {stall_seconds:g} s. Read the responses while you send."
                raise DeadlineExceededError("CLIENT_STALLED", message) from None

        await work(send_in_time)

    return answers_of(work_in_time, size=ANSWERS_WAITING)
