"""Errors as OpenAI's clients know them."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.web.errors import body_of, error_response, known, status_of
from livetranslate.errors import (
    BY_CODE,
    InternalError,
    InvalidArgumentError,
    LiveTranslateError,
    NotFoundError,
    ResourceExhaustedError,
    UnavailableError,
)

HERE = str(Path(__file__))


def test_every_error_has_a_status() -> None:
    """Of the caller's 4xx, of all others 5xx or "come again"."""
    statuses = {code: status_of(kind("X", "Y.")) for code, kind in BY_CODE.items()}
    assert statuses == {
        "INVALID_ARGUMENT": 400,
        "FAILED_PRECONDITION": 400,
        "PERMISSION_DENIED": 403,
        "NOT_FOUND": 404,
        "ABORTED": 409,
        "RESOURCE_EXHAUSTED": 429,
        "INTERNAL": 500,
        "UNAVAILABLE": 503,
        "DEADLINE_EXCEEDED": 504,
    }


@pytest.mark.parametrize(
    ("reason", "status"),
    [("UPLOAD_TOO_LARGE", 413), ("CONTENT_TYPE_INVALID", 415), ("METHOD_NOT_ALLOWED", 405), ("UPLOAD_STALLED", 408)],
)
def test_some_reasons_have_a_status_of_their_own(reason: str, status: int) -> None:
    """Where HTTP knows a better one."""
    assert status_of(InvalidArgumentError(reason, "Y.")) == status


def test_a_body_says_what_was_wrong_and_where() -> None:
    """In OpenAI's words."""
    told = body_of(NotFoundError("MODEL_NOT_FOUND", "No such model.", param="model"))
    assert told == {
        "error": {
            "message": "No such model.",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }
    assert body_of(UnavailableError("X", "Y."))["error"]["type"] == "server_error"


def test_who_comes_too_early_is_told_when_to_come_again() -> None:
    """In whole seconds; what the caller did wrong is not to be sent again."""
    full = ResourceExhaustedError("TOO_MANY_SESSIONS", "Full.")
    full.retry_seconds = 2.2
    response = error_response(full)
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert json.loads(bytes(response.body))["error"]["type"] == "rate_limit_error"
    assert error_response(UnavailableError("X", "Y.")).headers["retry-after"] == "1"
    assert error_response(InvalidArgumentError("X", "Y.")).headers["x-should-retry"] == "false"


def test_the_unforeseen_is_told_without_its_text() -> None:
    """It may be anything."""
    error = known(ValueError("secret"), HERE)
    assert isinstance(error, InternalError)
    assert "secret" not in error.message


def test_of_several_errors_one_is_told() -> None:
    """The caller's own before all else."""
    own: LiveTranslateError = InvalidArgumentError("X", "Y.")
    assert known(BaseExceptionGroup("", [UnavailableError("Z", "Z."), own]), HERE) is own


def test_a_cancellation_stays_one() -> None:
    """Nobody is there to be told."""
    with pytest.raises(asyncio.CancelledError):
        known(BaseExceptionGroup("", [asyncio.CancelledError()]), HERE)
