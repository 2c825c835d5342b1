import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.model_repository.loading import load_sibling

apertium_pipeline = load_sibling("mt_apertium", "apertium_pipeline")

ECHO = [["cat"], ["cat"]]
TIMEOUT_SECONDS = 10.0


@pytest.fixture
def echo() -> Iterator[Any]:
    pipeline = apertium_pipeline.Pipeline(ECHO)
    yield pipeline
    pipeline.stop()


def test_answers_come_in_the_order_of_the_texts(echo: Any) -> None:
    """Each text's answer is its own, an empty one too."""
    assert echo.exchange([b"one", b"", b"three"], TIMEOUT_SECONDS) == [b"one", b"", b"three"]
    assert echo.exchange([b"four"], TIMEOUT_SECONDS) == [b"four"]


def test_more_than_the_pipes_hold_goes_through(echo: Any) -> None:
    """Reading while writing keeps full pipes from blocking each other."""
    texts = [bytes([97 + index]) * 200_000 for index in range(10)]
    assert echo.exchange(texts, TIMEOUT_SECONDS) == texts


def test_a_pipeline_that_keeps_silent_times_out() -> None:
    """What was answered before the silence comes with the error."""
    pipeline = apertium_pipeline.Pipeline([["head", "-z", "-n", "1"], ["cat"], ["sh", "-c", "cat; exec sleep 60"]])
    with pytest.raises(apertium_pipeline.PipelineTimeoutError) as caught:
        pipeline.exchange([b"one", b"two"], 0.5)
    assert caught.value.answers == [b"one"]
    pipeline.stop()


@pytest.mark.parametrize("victim", [0, 1])
def test_the_death_of_any_program_is_noticed(echo: Any, victim: int) -> None:
    """Wherever the pipeline breaks, the exchange ends at once."""
    os.kill(echo.processes[victim].pid, signal.SIGKILL)
    echo.processes[victim].wait()
    started = time.monotonic()
    with pytest.raises(apertium_pipeline.PipelineDiedError):
        echo.exchange([b"one"], TIMEOUT_SECONDS)
    assert time.monotonic() - started < TIMEOUT_SECONDS / 2


def test_a_nul_from_a_dying_pipeline_is_no_answer() -> None:
    """Programs flush when the one before them ends; only a text's own end makes an answer."""
    pipeline = apertium_pipeline.Pipeline([["cat"], ["sh", "-c", "head -z -n 1; printf 'x\\000'"]])
    with pytest.raises(apertium_pipeline.PipelineDiedError) as caught:
        pipeline.exchange([b"one", b"two"], TIMEOUT_SECONDS)
    assert caught.value.answers == [b"one"]
    pipeline.stop()


def test_stopping_leaves_no_process(echo: Any) -> None:
    """Every program has ended and has been waited for."""
    echo.stop()
    assert all(process.returncode is not None for process in echo.processes)


def test_a_program_that_does_not_exist_leaves_no_process() -> None:
    """When one cannot be started, those started before it are ended."""
    with pytest.raises(OSError, match="no-such-program"):
        apertium_pipeline.Pipeline([["cat"], ["no-such-program"]])
