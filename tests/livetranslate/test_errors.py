import grpc
import pytest

from livetranslate.errors import BY_CODE, LiveTranslateError, NotFoundError


@pytest.mark.parametrize("code", BY_CODE)
def test_each_code_is_a_grpc_status(code: str) -> None:
    """Every error's code is the name of a gRPC status that is not OK."""
    assert grpc.StatusCode[code] is not grpc.StatusCode.OK
    assert BY_CODE[code].code == code


def test_an_error_keeps_what_the_caller_is_told() -> None:
    """Reason, message and details are kept, and the message is the exception's text."""
    error = NotFoundError("SESSION_NOT_FOUND", "There is no such session.", session="x")
    assert isinstance(error, LiveTranslateError)
    assert (error.reason, error.message, error.metadata) == ("SESSION_NOT_FOUND", str(error), {"session": "x"})
