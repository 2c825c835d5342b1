"""Single calls to the inner services on behalf of a Riva client."""

from collections.abc import Awaitable
from typing import TypeVar

import grpc

from livetranslate.status import error_of_rpc

Response = TypeVar("Response")


async def answered(call: Awaitable[Response], *, hop: str) -> Response:
    """The answer of a call.

    Raises:
        LiveTranslateError: What the service says, or that it is away.
    """
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise error_of_rpc(error, hop=hop) from None
