"""What a person is told of the connection."""

import grpc
import pytest

from livetranslate.cli.connection import report
from livetranslate.client import ConnectionEvent, TranslateError


def test_each_state_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal says what the server said; attempts in between are not told."""
    full = TranslateError(grpc.StatusCode.RESOURCE_EXHAUSTED, "This server is busy. Try again in 3.0 s.")
    report(ConnectionEvent("refused", "a:1", error=full))
    report(ConnectionEvent("lost", "a:1", error=TranslateError(grpc.StatusCode.UNAVAILABLE, "gone")))
    report(ConnectionEvent("trying", "b:1", 1, 0.5))
    report(ConnectionEvent("resumed", "b:1", 1, 0.75))
    assert capsys.readouterr().err.splitlines() == [
        "Waiting to be let in at a:1: This server is busy. Try again in 3.0 s.",
        "The connection to a:1 was lost (gone). Trying to go on …",
        "Connected to b:1 after 0.8 s.",
    ]
