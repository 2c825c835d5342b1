import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from livetranslate.errors import InternalError, NotFoundError, UnavailableError
from livetranslate.status import error_info, error_of_rpc, status_code, trailing_metadata


def failed(code: grpc.StatusCode, trailer: Metadata | None = None) -> AioRpcError:
    return AioRpcError(code, Metadata(), trailer or Metadata(), details="details")


def test_the_trailer_carries_the_error() -> None:
    """Reason, domain and metadata come out of the trailer as they went in."""
    error = NotFoundError("SESSION_NOT_FOUND", "There is no such session.", session="x")
    info = error_info(failed(status_code(error), Metadata(*trailing_metadata(error))))
    assert info
    assert (info.reason, info.domain, dict(info.metadata)) == ("SESSION_NOT_FOUND", "livetranslate", {"session": "x"})


def test_a_status_may_explain_nothing() -> None:
    """A status without details, or with another trailer only, has no ErrorInfo."""
    assert error_info(failed(grpc.StatusCode.INTERNAL)) is None
    assert error_info(failed(grpc.StatusCode.INTERNAL, Metadata(("other", "1")))) is None


@pytest.mark.parametrize("code", ["UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"])
def test_a_hop_that_is_away(code: str) -> None:
    """A hop that cannot be reached or gave up is unavailable, and named."""
    error = error_of_rpc(failed(grpc.StatusCode[code]), hop="asr")
    assert isinstance(error, UnavailableError)
    assert error.reason == "ASR_UNAVAILABLE"


def test_a_hop_that_fails_otherwise() -> None:
    """Any other failure that a hop does not explain is internal."""
    error = error_of_rpc(failed(grpc.StatusCode.UNIMPLEMENTED), hop="mt")
    assert isinstance(error, InternalError)
    assert error.reason == "MT_FAILED"
