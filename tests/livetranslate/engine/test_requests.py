import importlib
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from livetranslate.engine.batch import AWAY, AwayError, RefusedError
from tests.livetranslate.engine.triton_utils import Request, triton_utils


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The kit, as it is inside Triton."""
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", triton_utils())
    monkeypatch.delitem(sys.modules, "livetranslate.engine.requests", raising=False)
    yield importlib.import_module("livetranslate.engine.requests")
    sys.modules.pop("livetranslate.engine.requests")


def answer(requests: Any, *asked: Request) -> list[Any]:
    """Answers each text in capitals; there is something wrong with some."""

    def read(request: Request) -> str:
        said: str = requests.text(request, "TEXT")
        if said == "refused":
            raise RefusedError("not this one")
        if said == "unreadable":
            raise RuntimeError("the tokenizer fails on it")
        return said

    def run(texts: Sequence[str]) -> list[str | Exception]:
        return [AwayError("gone") if text == "away" else text.upper() for text in texts]

    return list(requests.answer_batch(asked, read, run, lambda said: {"SAID": [said]}))


def test_each_request_of_a_batch_has_its_own_answer(requests: Any) -> None:
    """With the number that its caller knows it by, if any."""
    first, second = answer(requests, Request(TEXT="one", nonce=7), Request(TEXT="two"))
    assert (first.outputs["SAID"].tolist(), first.outputs["NONCE"].item()) == ([[b"ONE"]], 7)
    assert (second.outputs["SAID"].tolist(), second.outputs["NONCE"].item()) == ([[b"TWO"]], 0)


@pytest.mark.parametrize(
    ("said", "message", "code"),
    [
        ("refused", "not this one", "invalid"),
        ("unreadable", "the tokenizer fails on it", "internal"),
        ("away", f"{AWAY}gone", "unavailable"),
    ],
)
def test_what_is_wrong_with_a_request_spoils_no_other(requests: Any, said: str, message: str, code: str) -> None:
    """Whether it cannot be read or not be answered."""
    wrong, right = answer(requests, Request(TEXT=said), Request(TEXT="two"))
    assert wrong.error.args == (message, code)
    assert right.outputs["SAID"].tolist() == [[b"TWO"]]


def test_what_nobody_waits_for_is_not_run(requests: Any) -> None:
    """It is answered all the same: Triton wants an answer to each."""
    (gone,) = answer(requests, Request(TEXT="one", is_cancelled=True))
    assert gone.error.args == ("the request was cancelled", "cancelled")
