import grpc
import pytest

from livetranslate.cli.problems import CommandError, explain
from livetranslate.client import TranslateError


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (TranslateError(grpc.StatusCode.UNAVAILABLE, "refused"), "Start one with `livetranslate up`"),
        (
            TranslateError(grpc.StatusCode.UNAVAILABLE, "asr is not available.", "ASR_UNAVAILABLE"),
            "asr is not available.",
        ),
        (TranslateError(grpc.StatusCode.UNIMPLEMENTED, "what?"), "Is it a LiveTranslate gateway?"),
        (TranslateError(grpc.StatusCode.INTERNAL, ""), "INTERNAL"),
        (CommandError("no such file"), "no such file"),
    ],
)
def test_explain(error: Exception, part: str) -> None:
    """A failure says what to do where that can be known, and else what the server said."""
    assert part in explain(error)


def test_explained_failures_are_not_hinted_at() -> None:
    """Advice to start a server is for a server that cannot be reached, not for one that says what it lacks."""
    assert "livetranslate up" not in explain(TranslateError(grpc.StatusCode.UNAVAILABLE, "", "ASR_UNAVAILABLE"))
