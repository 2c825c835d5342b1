"""The body of a request that is JSON."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from livetranslate.errors import AbortedError, DeadlineExceededError, InvalidArgumentError

_MAX_BODY_BYTES = 64 * 1024  # the longest text to speak with every character escaped, and room for the rest


async def read_body(request: Request, stall_seconds: float) -> Mapping[str, Any]:
    """A request's JSON.

    Raises:
        InvalidArgumentError: It is none, or too much.
        DeadlineExceededError: It does not come.
        AbortedError: The client left.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(stall_seconds):
            async for piece in request.stream():
                body += piece
                if len(body) > _MAX_BODY_BYTES:
                    message = f"The request is larger than {_MAX_BODY_BYTES // 1024} KiB. Send the text in parts."
                    raise InvalidArgumentError("UPLOAD_TOO_LARGE", message)
    except TimeoutError:
        message = f"The request was not whole within {stall_seconds:g} s."
        raise DeadlineExceededError("UPLOAD_STALLED", message) from None
    except ClientDisconnect:
        raise AbortedError("CLIENT_LEFT", "The client left before its request was here.") from None
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise InvalidArgumentError("BODY_INVALID", "The request is no JSON object. Send model, voice and input.")
    return told
