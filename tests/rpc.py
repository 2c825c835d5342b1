"""Reading the answers of a gRPC stream."""

from typing import Any, TypeVar, cast

import grpc

from livetranslate.verdict import Verdict

Response = TypeVar("Response")


async def read_all(
    call: "grpc.aio.StreamStreamCall[Any, Response] | grpc.aio.UnaryStreamCall[Any, Response]",
) -> list[Response]:
    """All answers until the stream ends; raises the status of the server, also where a failed write hides it."""
    verdict = Verdict(call)
    responses: list[Response] = []
    try:
        while (response := await call.read()) is not grpc.aio.EOF:
            responses.append(cast("Response", response))
    except grpc.aio.AioRpcError as raised:
        if (error := await verdict.error(raised)) is not None:
            raise error from None
    return responses
