"""The status with which the server ended a stream, also when grpc.aio forgets it.

A write that fails because the stream has just ended makes grpc.aio replace the server's status by INTERNAL
(https://github.com/grpc/grpc/issues/36066). Done callbacks run for the server's status, too: it is kept there.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import grpc
from grpc import aio

_T = TypeVar("_T")

_MASK: Final = "Internal error from Core"
_PATIENCE_SECONDS: Final = 2  # where the failed write is seen first, the status is a few turns of the loop behind


class Verdict:
    """Remembers how the server ended one call. Make it before the call's first write."""

    def __init__(self, call: aio.Call) -> None:
        self._status: asyncio.Future[aio.AioRpcError | None] = asyncio.get_running_loop().create_future()
        call.add_done_callback(self._remember)

    async def error(self, raised: aio.AioRpcError) -> aio.AioRpcError | None:
        """Returns the server's error for one that a read or a write raised; None where the server ended with OK."""
        if raised.details() == _MASK:
            await asyncio.wait([self._status], timeout=_PATIENCE_SECONDS)
            if self._status.done():
                return self._status.result()
        return raised

    def _remember(self, call: aio.Call) -> None:
        code, details = _now(call.code()), _now(call.details())
        if details == _MASK or self._status.done():
            return
        if code is grpc.StatusCode.OK:
            self._status.set_result(None)
        else:
            trailers = _now(call.trailing_metadata())
            self._status.set_result(aio.AioRpcError(code, aio.Metadata(), trailers, details))


def _now(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Runs a coroutine that has nothing to wait for: in a done callback the status is there."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: _T = done.value
        return value
    raise RuntimeError("a call that is done has a status")
