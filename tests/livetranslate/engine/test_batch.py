from collections.abc import Sequence

import pytest

from livetranslate.engine.batch import OutOfMemoryError, in_groups, is_out_of_memory, run_batch


class Engine:
    """Doubles numbers; notes the batches it was given; has memory for so many at once."""

    def __init__(self, memory: int = 100) -> None:
        self.memory = memory
        self.batches: list[list[int]] = []

    def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        if len(items) > self.memory:
            raise RuntimeError("CUDA failed with error out of memory")
        if 13 in items:
            raise ValueError("13 is unlucky")
        return [item * 2 if item else ZeroDivisionError("no zeros") for item in items]


def test_a_batch_is_run_once() -> None:
    """All items together, the results in their order."""
    engine = Engine()
    assert run_batch([1, 2, 3], engine) == [2, 4, 6]
    assert engine.batches == [[1, 2, 3]]


def test_no_items_are_no_batch() -> None:
    """The engine is not asked."""
    engine = Engine()
    assert run_batch([], engine) == []
    assert engine.batches == []


def test_an_engine_may_refuse_a_single_item() -> None:
    """The others have their results, without another run."""
    engine = Engine()
    results = run_batch([1, 0, 3], engine)
    assert [results[0], results[2]] == [2, 6]
    assert isinstance(results[1], ZeroDivisionError)
    assert len(engine.batches) == 1


def test_an_item_that_spoils_the_batch_fails_alone() -> None:
    """Each of the batch is tried by itself."""
    results = run_batch([1, 13, 3], Engine())
    assert [results[0], results[2]] == [2, 6]
    assert str(results[1]) == "13 is unlucky"


def test_a_batch_too_large_for_the_memory_is_halved() -> None:
    """Then it fits."""
    engine = Engine(memory=2)
    assert run_batch([1, 2, 3, 4], engine) == [2, 4, 6, 8]
    assert engine.batches == [[1, 2, 3, 4], [1, 2], [3, 4]]


def test_it_is_halved_only_once() -> None:
    """What does not fit then has an error that says so; the other half has its results."""
    engine = Engine(memory=1)
    results = run_batch([1, 2, 3], engine)
    assert [type(result) for result in results] == [OutOfMemoryError, OutOfMemoryError, int]
    assert engine.batches == [[1, 2, 3], [1, 2], [3]]


def test_a_single_item_is_not_tried_twice() -> None:
    """There is nothing smaller."""
    engine = Engine(memory=0)
    assert [type(result) for result in run_batch([1], engine)] == [OutOfMemoryError]
    assert len(engine.batches) == 1


def test_what_is_alike_is_run_together() -> None:
    """And the results are in the order of the items all the same."""
    runs: list[list[str]] = []

    def run(words: Sequence[str]) -> list[str]:
        runs.append(list(words))
        return [word.upper() for word in words]

    assert in_groups(["a", "bb", "c", "dd"], len, run) == ["A", "BB", "C", "DD"]
    assert runs == [["a", "c"], ["bb", "dd"]]
    assert in_groups([], len, run) == []


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("Failed to allocate memory for requested buffer of size 1024"),
        RuntimeError("CUBLAS_STATUS_ALLOC_FAILED"),
    ],
)
def test_engines_say_in_their_own_words_that_memory_is_full(error: Exception) -> None:
    """CTranslate2, ONNX Runtime, the CUDA libraries and Python itself."""
    assert is_out_of_memory(error)


def test_other_errors_are_not_about_memory() -> None:
    """They are not answered by smaller batches."""
    assert not is_out_of_memory(ValueError("13 is unlucky"))
