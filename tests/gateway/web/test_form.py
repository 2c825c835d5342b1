"""Forms that bring a file."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.requests import Request
from starlette.types import Message

from gateway.web.form import Form, Uploads
from livetranslate.errors import (
    AbortedError,
    DeadlineExceededError,
    InvalidArgumentError,
    ResourceExhaustedError,
)

LIMIT_BYTES = 100_000
FORM = "multipart/form-data; boundary=b"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part of a form."""
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def request_of(body: Sequence[bytes], content_type: str = FORM, *, leaves: bool = False, **headers: str) -> Request:
    """A request whose body comes in these pieces, and whose client may leave before the last."""
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": leaves or place < len(body) - 1}
        for place, piece in enumerate(body)
    ]
    messages.append({"type": "http.disconnect"})
    told = {"content-type": content_type, **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]

    async def receive() -> Message:
        return messages.pop(0)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw, "app": None}
    return Request(scope, receive)


def uploads(max_count: int = 1) -> Uploads:
    return Uploads(max_count=max_count, max_bytes=LIMIT_BYTES, stall_seconds=5)


async def pieces_of(form: Form) -> list[bytes]:
    return [piece async for piece in form.pieces()]


async def test_a_form_is_its_file_and_its_texts() -> None:
    """Wherever the pieces are cut, and whatever comes first."""
    body = (
        part("file", b"RIFF\r\n--", "talk.wav") + part("a[]", b"1") + part("a", b"2") + part("b", b"3") + b"--b--\r\n"
    )
    async with uploads().form(request_of([body[:70], body[70:71], body[71:]])) as form:
        assert await pieces_of(form) == [b"RIFF\r\n--"]
        assert form.file.filename == "talk.wav"
        assert sorted(form.list("a")) == ["1", "2"]
        assert (form.text("b"), form.text("c"), form.text("c", "x")) == ("3", "", "x")


FILE = part("file", b"RIFF", "talk.wav")
LARGE = part("file", bytes(LIMIT_BYTES + 1), "large.wav")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (request_of([b"{}"], "application/json"), "CONTENT_TYPE_INVALID"),
        (request_of([b"x"], "multipart/form-data"), "FORM_INVALID"),
        (request_of([b"this is no form"]), "FORM_INVALID"),
        (request_of([FILE + FILE + b"--b--\r\n"]), "FORM_INVALID"),
        (request_of([part("a", b"1") + b"--b--\r\n"]), "FILE_MISSING"),
        (request_of([part("file", b"RIFF") + b"--b--\r\n"]), "FILE_MISSING"),
        (request_of([part("file", b"", "empty.wav") + b"--b--\r\n"]), "FILE_EMPTY"),
        (request_of([LARGE + b"--b--\r\n"]), "UPLOAD_TOO_LARGE"),
        (request_of([part("file", bytes(10**6), "huge.wav")] * 2), "UPLOAD_TOO_LARGE"),
        (request_of([b""], content_length="10000000"), "UPLOAD_TOO_LARGE"),
    ],
)
async def test_what_is_no_such_form_is_refused(request_: Request, reason: str) -> None:
    """And gives its place back."""
    one = uploads()
    with pytest.raises(InvalidArgumentError) as raised:
        async with one.form(request_):
            raise AssertionError
    assert raised.value.reason == reason
    async with one.form(request_of([FILE + b"--b--\r\n"])) as form:
        assert form.file.size == 4


async def test_a_client_that_leaves() -> None:
    """Nobody is there to be told."""
    with pytest.raises(AbortedError):
        async with uploads().form(request_of([FILE], leaves=True)):
            raise AssertionError


async def test_a_client_that_stops_sending() -> None:
    """It is not waited for."""
    never = asyncio.Event()

    async def receive() -> Message:
        await never.wait()
        return {}

    impatient = Uploads(max_count=1, max_bytes=LIMIT_BYTES, stall_seconds=0.01)
    with pytest.raises(DeadlineExceededError):
        async with impatient.form(Request(request_of([]).scope, receive)):
            raise AssertionError


async def test_so_many_at_a_time() -> None:
    """One that has ended makes room."""
    one = uploads()
    body = FILE + b"--b--\r\n"
    async with one.form(request_of([body])):
        with pytest.raises(ResourceExhaustedError):
            async with one.form(request_of([body])):
                raise AssertionError
    async with one.form(request_of([body])) as form:
        assert await pieces_of(form) == [b"RIFF"]
