from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livetranslate.engine.batch import AwayError, RefusedError
from tests.model_repository.loading import load_sibling

apertium_pairs = load_sibling("mt_apertium", "apertium_pairs")

ECHO = """#!/bin/sh
exec python3 -Ic "
import os, sys
while text := b''.join(iter(lambda: sys.stdin.buffer.read(1), b'\\0')):
    os.write(1, b'$1: ' + text + b'\\0')
"
"""


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[Any]:
    """Two pairs whose programs say which of them they are, and one whose program was removed."""
    modes = {}
    for pair in ("en-es", "en-fr"):
        program = tmp_path / f"{pair}.sh"
        program.write_text(ECHO.replace("$1", pair))
        program.chmod(0o755)
        modes[pair] = tmp_path / f"{pair}.mode"
        modes[pair].write_text(str(program))
    modes["en-de"] = tmp_path / "en-de.mode"
    modes["en-de"].write_text(str(tmp_path / "removed"))
    pairs = apertium_pairs.Pairs(modes)
    yield pairs
    pairs.stop()


def test_each_text_goes_through_the_pipeline_of_its_pair(pairs: Any) -> None:
    """And has its own answer, whatever the order."""
    pairs.start(1)
    asked = [pairs.read(text, "en", target) for text, target in (("one", "es"), ("two", "fr"), ("three", "es"))]
    assert pairs.translate(asked) == ["en-es: one", "en-fr: two", "en-es: three"]


def test_a_pair_that_cannot_be_run_spoils_no_other(pairs: Any) -> None:
    """It is away, which nobody may take for the absence of Triton."""
    away, good = pairs.translate([pairs.read("one", "en", "de"), pairs.read("two", "en", "es")])
    assert isinstance(away, AwayError)
    assert good == "en-es: two"


def test_an_unknown_pair_is_refused(pairs: Any) -> None:
    """With those that there are."""
    with pytest.raises(RefusedError, match="no pair en-xx; there are: en-es en-fr en-de"):
        pairs.read("one", "en", "xx")
