import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.model_repository.loading import load_sibling

piper_espeak = load_sibling("tts_piper", "piper_espeak")

READY = "print('{\"error\": null}', flush=True)"


@pytest.fixture
def espeak() -> Iterator[Any]:
    pool = piper_espeak.EspeakPool()
    yield pool
    pool.stop()
    assert not helpers()


def helpers() -> list[psutil.Process]:
    """The processes that this one has started and that are left, zombies included."""
    return [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE or is_ours(child)]


def is_ours(process: psutil.Process) -> bool:
    return any("espeak_process" in part or READY in part for part in process.cmdline())


def pool_of(code: str, answer_seconds: float = 5.0) -> Any:
    """A pool of processes that run this Python code."""
    return piper_espeak.EspeakPool([sys.executable, "-c", code], answer_seconds)


def test_texts_are_written_as_phonemes(espeak: Any) -> None:
    """One process does it, text after text."""
    assert espeak.clauses("es", "Hola") == [("ˈola", "Hola")]  # noqa: RUF001 - IPA
    assert espeak.clauses("en-us", "Hi") == [("hˈaɪ", "Hi")]  # noqa: RUF001
    assert len(helpers()) == 1


def test_threads_do_not_mix_up_their_answers(espeak: Any) -> None:
    """Each gets the phonemes of its own text."""
    texts = ["uno", "dos", "tres", "cuatro"] * 10
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda text: espeak.clauses("es", text), texts))
    assert [answer[0][1] for answer in answers] == texts
    assert len(helpers()) <= 4


def test_a_killed_process_is_replaced(espeak: Any) -> None:
    """The text that finds it dead is answered by another."""
    espeak.clauses("es", "uno")
    (first,) = helpers()
    first.kill()
    assert espeak.clauses("es", "dos") == [("dˈos", "dos")]  # noqa: RUF001
    assert not first.is_running()


def test_an_unknown_voice_is_an_error_of_the_text(espeak: Any) -> None:
    """The process goes on."""
    with pytest.raises(piper_espeak.EspeakError, match="tlh-x"):
        espeak.clauses("tlh-x", "nuqneH")
    assert len(helpers()) == 1


def test_a_process_that_hangs_is_ended() -> None:
    """After the deadline the text fails, and nothing is left of the process."""
    pool = pool_of(f"{READY}; import time; time.sleep(100)", answer_seconds=0.1)
    with pytest.raises(piper_espeak.EspeakError, match="does not answer"):
        pool.clauses("es", "hola")
    assert not helpers()


@pytest.mark.parametrize(
    "answer",
    [
        "print('nonsense')",
        "print('[]')",
        "print('{\"clauses\": 3}')",
        "print('{}\\n{}')",
        "print('x' * 3_000_000)",
        "pass",
    ],
)
def test_a_process_that_answers_nonsense_or_dies_is_ended(answer: str) -> None:
    """A new one is tried once; then the text fails, and nothing is left of either."""
    pool = pool_of(f"{READY}; input(); {answer}")
    with pytest.raises(piper_espeak.EspeakError, match="fails on this text"):
        pool.clauses("es", "hola")
    assert not helpers()


def test_a_process_that_fails_once_costs_nothing(tmp_path: Path) -> None:
    """The second one answers the same text."""
    seen = tmp_path / "seen"
    code = f"""{READY}
import pathlib
input()
first = not pathlib.Path({str(seen)!r}).exists()
pathlib.Path({str(seen)!r}).touch()
print('nonsense' if first else '{{"clauses": [["a", "b"]]}}', flush=True)
input()
"""
    pool = pool_of(code)
    assert pool.clauses("es", "hola") == [("a", "b")]
    pool.stop()
    assert not helpers()


@pytest.mark.parametrize("program", [["/no/such/program"], [sys.executable, "-c", "pass"]])
def test_what_does_not_start_is_away(program: list[str]) -> None:
    """The error is another than that of a text."""
    with pytest.raises(piper_espeak.EspeakAwayError, match="does not start"):
        piper_espeak.EspeakPool(program).clauses("es", "hola")
    assert not helpers()


def test_a_process_says_itself_what_it_lacks() -> None:
    """Its message is the error."""
    with pytest.raises(piper_espeak.EspeakAwayError, match="pip install"):
        pool_of('print(\'{"error": "pip install it"}\')').clauses("es", "hola")
    assert not helpers()
