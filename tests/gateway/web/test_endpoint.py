"""What all endpoints share."""

import asyncio
import json

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Scope

from gateway.web.endpoint import Answer, Endpoint, while_connected
from gateway.web.reply import Reply
from livetranslate.errors import NotFoundError

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


class Client:
    """Whoever sent the request, and what it was told."""

    def __init__(self, *, reads: bool = True) -> None:
        self.told: list[Message] = []
        self.may_read = asyncio.Event()
        self.has_left = asyncio.Event()
        if reads:
            self.may_read.set()

    async def receive(self) -> Message:
        await self.has_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.may_read.wait()
        self.told.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.told)


async def ask(answer: Answer, client: Client, scope: Scope = SCOPE) -> None:
    await Endpoint(answer, stall_seconds=0.01)(scope, client.receive, client.send)


async def test_an_answer_that_is_made_while_it_is_read() -> None:
    """Its head comes first, once."""

    async def answer(request: Request, reply: Reply) -> None:
        await reply.begin("text/plain", {"x-name": "value"})
        for piece in (b"one", b"", b" two"):
            await reply.write(piece)
        await reply.end()

    client = Client()
    await ask(answer, client)
    head, *body = client.told
    assert (head["status"], dict(head["headers"])[b"x-name"]) == (200, b"value")
    assert [message["body"] for message in body] == [b"one", b" two", b""]
    assert [message["more_body"] for message in body] == [True, True, False]


async def test_an_error_is_told_while_nothing_else_is() -> None:
    """With its status."""

    async def answer(request: Request, reply: Reply) -> None:
        raise NotFoundError("MODEL_NOT_FOUND", "No such model.")

    client = Client()
    await ask(answer, client)
    assert client.told[0]["status"] == 404
    assert json.loads(client.body)["error"]["code"] == "model_not_found"


async def test_half_an_answer_is_none() -> None:
    """The connection breaks, so that nobody takes it for a whole one."""

    async def answer(request: Request, reply: Reply) -> None:
        await reply.begin("text/plain")
        raise NotFoundError("MODEL_NOT_FOUND", "No such model.")

    client = Client()
    with pytest.raises(ConnectionAbortedError):
        await ask(answer, client)
    assert len(client.told) == 1


async def test_a_client_that_does_not_read_is_left() -> None:
    """Whatever it was to be told."""

    async def answer(request: Request, reply: Reply) -> None:
        await reply.give(PlainTextResponse("Hello."))

    with pytest.raises(ConnectionAbortedError, match="CLIENT_STALLED"):
        await ask(answer, Client(reads=False))


async def test_pages_of_other_sites_are_refused() -> None:
    """Before anything is done for them."""

    async def answer(request: Request, reply: Reply) -> None:
        raise AssertionError

    client = Client()
    await ask(answer, client, {**SCOPE, "headers": [(b"origin", b"http://elsewhere"), (b"host", b"here")]})
    assert client.told[0]["status"] == 403


async def test_work_ends_with_its_client() -> None:
    """And is cleaned up by then."""
    client, has_ended = Client(), asyncio.Event()

    async def work() -> None:
        client.has_left.set()
        try:
            await asyncio.Event().wait()
        finally:
            has_ended.set()

    await while_connected(client.receive, work())
    assert has_ended.is_set()


async def test_work_that_fails() -> None:
    """Its error is the request's."""

    async def work() -> None:
        raise NotFoundError("X", "Y.")

    with pytest.raises(NotFoundError):
        await while_connected(Client().receive, work())
