"""Our errors as OpenAI's clients know them: a status, and a body that says what was wrong."""

import asyncio
import math
from typing import Any

import structlog
from starlette.responses import JSONResponse

from livetranslate.errors import CallerError, InternalError, LiveTranslateError
from livetranslate.interceptor import first_error

log = structlog.get_logger()

_STATUS_OF_CODE = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,  # 409 would be sent again by clients
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_STATUS_OF_REASON = {
    "METHOD_NOT_ALLOWED": 405,
    "UPLOAD_STALLED": 408,
    "UPLOAD_TOO_LARGE": 413,
    "CONTENT_TYPE_INVALID": 415,
}
_REQUEST_TIMEOUT = 408
_RETRY_SECONDS = 1.0  # where an error does not say: another replica answers at once
_PARAM = "param"


def known(raised: BaseException, path: str) -> LiveTranslateError:
    """The error that a client is told; what is unforeseen is logged, and told without its text.

    Raises:
        CancelledError: Nobody is there to be told.
    """
    error = first_error(raised)
    if not isinstance(error, Exception):
        raise asyncio.CancelledError from raised
    if not isinstance(error, LiveTranslateError):
        log.error("handler failed", method=path, exc_info=raised)
        return InternalError("INTERNAL", "The server made a mistake; its log says more.")
    if not isinstance(error, CallerError):
        log.warning("call ended", method=path, code=error.code, reason=error.reason)
    return error


def status_of(error: LiveTranslateError) -> int:
    """The HTTP status of an error."""
    return _STATUS_OF_REASON.get(error.reason) or _STATUS_OF_CODE.get(error.code, 500)


def body_of(error: LiveTranslateError) -> dict[str, Any]:
    """OpenAI's body of an error."""
    return {
        "error": {
            "message": error.message,
            "type": _type_of(status_of(error)),
            "param": error.metadata.get(_PARAM),
            "code": error.reason.lower(),
        }
    }


def error_response(error: LiveTranslateError) -> JSONResponse:
    """The whole answer."""
    status = status_of(error)
    headers = {}
    if status in (429, 503):
        headers["retry-after"] = str(math.ceil(error.retry_seconds or _RETRY_SECONDS))
    if status == _REQUEST_TIMEOUT:
        headers["connection"] = "close"  # its other half may still come, or never
    if isinstance(error, CallerError):
        headers["x-should-retry"] = "false"  # OpenAI's clients would send some of them again
    return JSONResponse(body_of(error), status, headers)


def _type_of(status: int) -> str:
    if status == 429:
        return "rate_limit_error"
    return "server_error" if status >= 500 else "invalid_request_error"
