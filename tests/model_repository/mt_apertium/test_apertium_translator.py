import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livetranslate.glossary import Glossary, Term
from mt.terms import MarkedText
from tests.model_repository.loading import load_sibling

apertium_translator = load_sibling("mt_apertium", "apertium_translator")

MODE = Path("/usr/share/apertium/modes/eng-spa.mode")
WEIRD = [*"^$@<>[]{}\\/*~#+&%\"'`|\0\n\r\t", "\ud800", "\u200b", "\ufeff", "😀", "ß", "the", "dog's", "I'm", " "]


@pytest.fixture(scope="module")
def translator() -> Iterator[Any]:
    if not MODE.exists():
        pytest.skip("apt-get install apertium-eng-spa")
    translator = apertium_translator.Translator(MODE)
    yield translator
    translator.stop()


@pytest.fixture
def fake_mode(tmp_path: Path) -> Path:
    """A mode of one program that echoes, but never answers a text with "hang" in it and dies of "crash"."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os, sys, time\n"
        "while text := b''.join(iter(lambda: sys.stdin.buffer.read(1), b'\\0')):\n"
        "    if b'crash' in text: os._exit(1)\n"
        "    if b'hang' in text: time.sleep(60)\n"
        "    os.write(1, text + b'\\0')\n"
    )
    script = tmp_path / "echo"
    script.write_text(f"#!/bin/sh\nexec python3 -I {program}\n")
    script.chmod(0o755)
    mode = tmp_path / "x-y.mode"
    mode.write_text(str(script))
    return mode


def test_lower_case_words_without_punctuation_are_translated(translator: Any) -> None:
    """What a recognizer writes is enough for a translation."""
    assert translator.translate(["we have three options"]) == ["Tenemos tres opciones"]


@pytest.mark.parametrize(
    "pattern",
    [
        "{0} is good.",
        "We have {0}",
        "Yes, {0}! Is it {1}, or ({2})?",
        "the {0}'s colour and the two old {1}",
        "{0} {1} {2}",
        'open the {0}-{1} with "{2}"; {0} it',
        "{0}",
        "three {0} were sold in {1} to {2}, {0} and {1}.",
    ],
)
def test_placeholders_of_terms_survive(translator: Any, pattern: str) -> None:
    """Wherever they stand and however many there are, each comes out once and nothing is missed."""
    terms = ("hot plate", "kubectl", "New York Times")
    glossary = Glossary(tuple(Term(term, {"es": f"«{term.upper()}»"}) for term in terms))
    for spoken in (pattern, pattern.lower().replace(",", "")):
        marked = MarkedText(spoken.format(*terms), glossary, "es")
        (answer,) = translator.translate([marked.text])
        restored = marked.restored(answer)
        assert restored is not None
        assert restored.count("«") == pattern.count("{")


def test_a_sentence_goes_on_in_lower_case_after_a_term(translator: Any) -> None:
    """An unknown word that starts it keeps the capital."""
    assert translator.translate(["XQ1 is here. XQ2 and XQ3"]) == ["XQ1 es aquí. XQ2 y XQ3"]


def test_weird_texts_are_all_answered(translator: Any) -> None:
    """Whatever the text, there is an answer, and the next text gets its own."""
    chance = random.Random(7)
    texts = ["".join(chance.choices(WEIRD, k=chance.randrange(12))) for _ in range(300)]
    for start in range(0, len(texts), 20):
        batch = [*texts[start : start + 20], "we have three options"]
        answers = translator.translate(batch)
        assert None not in answers
        assert answers[-1] == "Tenemos tres opciones"


def test_a_killed_program_costs_no_text(translator: Any) -> None:
    """The pipeline is started again, and the text goes through it."""
    translator.translate(["warm"])
    os.kill(translator.pipeline.processes[4].pid, signal.SIGKILL)
    assert translator.translate(["three dogs", "four cats"]) == ["Tres perros", "Cuatro gatos"]


@pytest.mark.parametrize("fault", ["crash", "hang"])
def test_a_text_that_breaks_the_pipeline_spoils_no_other(
    fake_mode: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the text at fault stays without a translation."""
    monkeypatch.setattr(apertium_translator, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(apertium_translator, "read_mode", lambda path: [[path.read_text()]])
    translator = apertium_translator.Translator(fake_mode)
    assert translator.translate(["one", fault, "three"]) == ["one", None, "three"]
    translator.stop()


def test_a_pipeline_can_be_started_ahead(fake_mode: Path) -> None:
    """Its programs load before the first text comes, and it is the one that answers."""
    translator = apertium_translator.Translator(fake_mode)
    try:
        translator.start()
        started = translator.pipeline
        translator.start()
        assert translator.translate(["hello"]) == ["hello"]
        assert translator.pipeline is started
    finally:
        translator.stop()
