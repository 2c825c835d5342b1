"""Between our errors and gRPC statuses with `google.rpc.ErrorInfo`."""

import grpc
from google.rpc import error_details_pb2, status_pb2

from livetranslate.errors import BY_CODE, InternalError, LiveTranslateError, UnavailableError
from livetranslate.wire import duration_of_seconds

DOMAIN = "livetranslate"
DETAILS_KEY = "grpc-status-details-bin"


def status_code(error: LiveTranslateError) -> grpc.StatusCode:
    """The gRPC status code of an error."""
    return grpc.StatusCode[error.code]


def trailing_metadata(error: LiveTranslateError) -> tuple[tuple[str, bytes]]:
    """The trailer that carries an error's reason and metadata as `google.rpc.ErrorInfo`, and when to try again."""
    status = status_pb2.Status(code=status_code(error).value[0], message=error.message)
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    status.details.add().Pack(info)
    if error.retry_seconds is not None:
        delay = duration_of_seconds(error.retry_seconds)
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return ((DETAILS_KEY, status.SerializeToString()),)


def error_info(rpc_error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo | None:
    """The `google.rpc.ErrorInfo` that a failed call carries, if any."""
    for key, value in rpc_error.trailing_metadata() or ():
        if key != DETAILS_KEY:
            continue
        raw = value if isinstance(value, bytes) else value.encode()
        for details in status_pb2.Status.FromString(raw).details:
            info = error_details_pb2.ErrorInfo()
            if details.Unpack(info):
                return info
    return None


def error_of_rpc(rpc_error: grpc.aio.AioRpcError, *, hop: str) -> LiveTranslateError:
    """The error to raise for a failed call to a hop.

    An error that the hop explained is passed on as it is. Anything else is the hop's failure: unavailable
    when it cannot be reached or gave up, internal otherwise.
    """
    info = error_info(rpc_error)
    code = rpc_error.code().name
    if info is not None:
        kind = BY_CODE.get(code, InternalError)
        return kind(info.reason, rpc_error.details() or info.reason, **dict(info.metadata))
    if code in ("UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"):
        message = f"{hop} is not available ({code}). Try again; if it stays so, check that {hop} is running."
        return UnavailableError(f"{hop.upper()}_UNAVAILABLE", message, hop=hop)
    return InternalError(f"{hop.upper()}_FAILED", f"{hop} failed with {code}: {rpc_error.details()}", hop=hop)
