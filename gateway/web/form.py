"""The form of a request that brings a file. The file waits on disk, and is read from there as the session takes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from livetranslate.errors import AbortedError, DeadlineExceededError, InvalidArgumentError, ResourceExhaustedError

_FORM_BYTES = 256 * 1024  # beside the file: a prompt and keywords, many times over
_MAX_FIELDS = 1_000  # as many keywords as a glossary may have terms
_PIECE_BYTES = 256 * 1024  # the session takes 1 MiB at a time


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: the file, and texts by their names."""

    file: UploadFile
    texts: dict[str, list[str]]

    def text(self, name: str, default: str = "") -> str:
        """The last text of that name."""
        return self.texts.get(name, [default])[-1]

    def list(self, name: str) -> list[str]:
        """All texts of that name; OpenAI's clients write lists as "name[]"."""
        return [*self.texts.get(name, []), *self.texts.get(f"{name}[]", [])]

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file."""
        while piece := await self.file.read(_PIECE_BYTES):
            yield piece


class Uploads:
    """Takes forms, so many at a time, each so large, from clients that go on sending."""

    def __init__(self, *, max_count: int, max_bytes: int, stall_seconds: float) -> None:
        """Have taken none yet.

        Args:
            max_count: Files that may lie here at a time; each is then a session, of which there are no more either.
            max_bytes: Of one file.
            stall_seconds: How long a client may send nothing.
        """
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._stall_seconds = stall_seconds
        self._count = 0

    @asynccontextmanager
    async def form(self, request: Request) -> AsyncIterator[Form]:
        """A request's form, while the block runs.

        Raises:
            ResourceExhaustedError: Too many files are here.
            InvalidArgumentError: It is no form, or too large, or has no file.
            DeadlineExceededError: The client stopped sending.
            AbortedError: It left.
        """
        if self._count >= self._max_count:
            message = f"{self._max_count} files are being dealt with, as many as this server takes. Try again later."
            raise ResourceExhaustedError("TOO_MANY_UPLOADS", message)
        self._count += 1
        try:
            data = await self._read(request)
            try:
                yield self._checked(data)
            finally:
                await data.close()
        finally:
            self._count -= 1

    async def _read(self, request: Request) -> FormData:
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            message = "The request is not multipart/form-data. Send the audio as the form's `file`."
            raise InvalidArgumentError("CONTENT_TYPE_INVALID", message)
        if int(request.headers.get("content-length", "0")) > self._max_bytes + _FORM_BYTES:
            raise self._too_large()
        bounded = Request(request.scope, self._bounded(request))
        try:
            return await bounded.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=_FORM_BYTES)
        except HTTPException as error:
            raise InvalidArgumentError("FORM_INVALID", f"The form cannot be read: {error.detail}") from None
        except ClientDisconnect:
            raise AbortedError("CLIENT_LEFT", "The client left before its request was here.") from None

    def _bounded(self, request: Request) -> Receive:
        """What comes of a request, up to the limit; a length that is announced need not be true."""
        byte_count = 0

        async def receive() -> Message:
            nonlocal byte_count
            message = await self._next(request)
            byte_count += len(message.get("body", b""))
            if byte_count > self._max_bytes + _FORM_BYTES:
                raise self._too_large()
            return message

        return receive

    async def _next(self, request: Request) -> Message:
        try:
            async with asyncio.timeout(self._stall_seconds):
                return await request.receive()
        except TimeoutError:
            message = f"Nothing came for {self._stall_seconds:g} s, and the request is not whole."
            raise DeadlineExceededError("UPLOAD_STALLED", message) from None

    def _checked(self, data: FormData) -> Form:
        texts: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, str):
                texts.setdefault(name, []).append(value)
        file = data.get("file")
        if not isinstance(file, UploadFile):
            message = "The form has no `file`. Send the audio as a file of that name."
            raise InvalidArgumentError("FILE_MISSING", message, param="file")
        if not file.size:
            raise InvalidArgumentError("FILE_EMPTY", "`file` is empty. Send audio.", param="file")
        if file.size > self._max_bytes:
            raise self._too_large()
        return Form(file, texts)

    def _too_large(self) -> InvalidArgumentError:
        limit = self._max_bytes // (1024 * 1024)
        message = f"`file` is larger than {limit} MiB. Send it in parts, compressed, or as a stream by gRPC."
        return InvalidArgumentError("UPLOAD_TOO_LARGE", message, param="file", limit=str(self._max_bytes))
