"""The errors of LiveTranslate, by whose fault they are.

    LiveTranslateError
    ├── CallerError                 the request is wrong; sending it again does not help
    │   ├── InvalidArgumentError    INVALID_ARGUMENT
    │   ├── NotFoundError           NOT_FOUND
    │   ├── PermissionDeniedError   PERMISSION_DENIED
    │   ├── FailedPreconditionError FAILED_PRECONDITION
    │   └── AbortedError            ABORTED
    ├── DependencyError             something we need does not do its part; try again
    │   ├── UnavailableError        UNAVAILABLE
    │   ├── DeadlineExceededError   DEADLINE_EXCEEDED
    │   └── ResourceExhaustedError  RESOURCE_EXHAUSTED
    └── InternalError               our own mistake: INTERNAL

An error that ends a stream becomes a gRPC status with `google.rpc.ErrorInfo`
(see `livetranslate.status`).
"""

from typing import ClassVar


class LiveTranslateError(Exception):
    """Base of all errors.

    Attributes:
        code: The name of the gRPC status code.
        reason: What went wrong, for programs: UPPER_SNAKE_CASE, stable.
        message: What went wrong and what to do, for people. Never carries speech or text of a session.
        metadata: Details for programs.
        retry_seconds: When trying again makes sense; None where nothing is known of it.
    """

    code: ClassVar[str] = "INTERNAL"
    retry_seconds: float | None = None

    def __init__(self, reason: str, message: str, **metadata: str) -> None:
        """Keep what the caller will be told."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata


class CallerError(LiveTranslateError):
    """The request is wrong."""


class InvalidArgumentError(CallerError):
    """The request can never be served."""

    code = "INVALID_ARGUMENT"


class NotFoundError(CallerError):
    """What the request names does not exist."""

    code = "NOT_FOUND"


class PermissionDeniedError(CallerError):
    """The caller may not do this."""

    code = "PERMISSION_DENIED"


class FailedPreconditionError(CallerError):
    """The request does not fit the state things are in."""

    code = "FAILED_PRECONDITION"


class AbortedError(CallerError):
    """Another request of the caller's has come in between."""

    code = "ABORTED"


class DependencyError(LiveTranslateError):
    """Something that we need does not do its part."""


class UnavailableError(DependencyError):
    """It cannot be reached or is about to stop."""

    code = "UNAVAILABLE"


class DeadlineExceededError(DependencyError):
    """It did not answer, or did not read, in time."""

    code = "DEADLINE_EXCEEDED"


class ResourceExhaustedError(DependencyError):
    """There is no room; later there may be."""

    code = "RESOURCE_EXHAUSTED"
    retry_seconds = 1.0


class InternalError(LiveTranslateError):
    """Our own mistake."""


BY_CODE: dict[str, type[LiveTranslateError]] = {
    kind.code: kind
    for kind in (
        InvalidArgumentError,
        NotFoundError,
        PermissionDeniedError,
        FailedPreconditionError,
        AbortedError,
        UnavailableError,
        DeadlineExceededError,
        ResourceExhaustedError,
        InternalError,
    )
}
