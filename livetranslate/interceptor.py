"""The one place where an exception in a handler becomes a gRPC status."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, NoReturn, TypeAlias

import grpc
import structlog

from livetranslate.errors import CallerError, InternalError, LiveTranslateError
from livetranslate.logs import begin_call
from livetranslate.status import status_code, trailing_metadata

log = structlog.get_logger()

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"  # generic for the type checker only
Context = grpc.aio.ServicerContext[Any, Any]


class StatusInterceptor(grpc.aio.ServerInterceptor):
    """Maps errors to statuses; anything unforeseen is logged and answered as INTERNAL without its text."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """Wrap the handler that answers this call."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith("/grpc."):
            return handler  # unknown methods, health and reflection answer for themselves
        codec = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.stream_stream:
            return grpc.stream_stream_rpc_method_handler(_stream(handler.stream_stream, method), **codec)
        if handler.unary_stream:
            return grpc.unary_stream_rpc_method_handler(_stream(handler.unary_stream, method), **codec)
        return grpc.unary_unary_rpc_method_handler(_unary(handler.unary_unary, method), **codec)


def _stream(respond: Any, method: str) -> Any:
    async def respond_with_status(requests: Any, context: Context) -> None:
        begin_call()
        # Written here and not yielded on: where the call is cancelled while a write waits for a slow reader,
        # the handler is still closed by the task that ran it.
        try:
            async with aclosing(respond(requests, context)) as responses:
                async for response in responses:
                    await context.write(response)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - this is where all of them end
            await _abort(context, error, method)

    return respond_with_status


def _unary(respond: Any, method: str) -> Any:
    async def respond_with_status(request: Any, context: Context) -> Any:
        begin_call()
        try:
            return await respond(request, context)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - this is where all of them end
            await _abort(context, error, method)

    return respond_with_status


async def _abort(context: Context, raised: BaseException, method: str) -> NoReturn:
    error = first_error(raised)
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if not isinstance(error, Exception):
        raise asyncio.CancelledError from raised  # the call was cancelled while its handler waited to be read
    if not isinstance(error, LiveTranslateError):
        log.error("handler failed", method=method, exc_info=raised)
        error = InternalError("INTERNAL", "The server made a mistake; its log says more.")
    elif not isinstance(error, CallerError):
        log.warning("call ended", method=method, code=error.code, reason=error.reason)
    await context.abort(status_code(error), error.message, trailing_metadata(error))
    raise AssertionError("abort always raises")


def first_error(raised: BaseException) -> BaseException:
    """The error that tells most, of a group: the caller's own mistake before all else, then any of ours."""
    if not isinstance(raised, BaseExceptionGroup):
        return raised
    leaves = [first_error(error) for error in raised.exceptions]
    for kind in (CallerError, LiveTranslateError, Exception):
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    return leaves[0]
