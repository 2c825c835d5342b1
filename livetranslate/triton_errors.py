"""What goes wrong at Triton, in our terms."""

import grpc

from livetranslate.engine.batch import AWAY
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    LiveTranslateError,
    ResourceExhaustedError,
    UnavailableError,
)


def explained(error: grpc.aio.AioRpcError) -> LiveTranslateError:
    """Triton's statuses in our terms; a full or slow queue is UNAVAILABLE in Triton's."""
    details = error.details() or ""
    match error.code():
        case grpc.StatusCode.INVALID_ARGUMENT:
            return InvalidArgumentError("MODEL_REFUSED", details)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return DeadlineExceededError("MODEL_TIMEOUT", "The model did not answer in time.")
        case grpc.StatusCode.UNAVAILABLE if _is_busy(details):
            return busy()
        case grpc.StatusCode.UNAVAILABLE if details.startswith(AWAY):
            return _model_away(details)
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
            return away()
        case _:
            return InternalError("MODEL_FAILED", f"The model failed: {details}")


def refusal(model: str, details: str) -> LiveTranslateError:
    """What Triton says in a stream, where its errors have no status."""
    if _is_busy(details):
        return busy()
    if details.startswith(AWAY):
        return _model_away(details)
    if "stopp" in details:  # "Server is stopping, scheduler for model has stopped accepting new inference requests"
        return away()
    return InvalidArgumentError("MODEL_REFUSED", f"{model}: {details}")


def busy() -> ResourceExhaustedError:
    """The model has no time for a request."""
    return ResourceExhaustedError("MODEL_BUSY", "The model has more work than it can do. Try again later.")


def away() -> UnavailableError:
    """Triton cannot be reached, or has broken off."""
    return UnavailableError("TRITON_UNAVAILABLE", "Triton is not available. Try again.")


def _is_busy(details: str) -> bool:
    return "maximum queue size" in details or "timeout expired" in details


def _model_away(details: str) -> UnavailableError:
    return UnavailableError("MODEL_UNAVAILABLE", f"The model cannot work now: {details.removeprefix(AWAY)}.")
