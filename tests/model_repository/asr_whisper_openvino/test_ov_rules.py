import json
from pathlib import Path
from typing import Any

import pytest

from tests.model_repository.asr_whisper_openvino.rules import (
    ENGLISH,
    FIRST_TIME,
    NO_SPEECH,
    NO_TIMES,
    SPANISH,
    SPECIAL,
    START,
    TRANSCRIBE,
    ov_rules,
    rules,
)


def read(folder: Path, **config: Any) -> Any:
    (folder / "generation_config.json").write_text(json.dumps(config), encoding="utf-8")
    return ov_rules.read_rules(folder, SPECIAL, ("es",))


def test_what_an_export_says_is_read(tmp_path: Path) -> None:
    """Tokens that are never chosen, heads that follow the speech, where a transcript starts, how long it may be."""
    found = read(
        tmp_path,
        suppress_tokens=[1, 2],
        begin_suppress_tokens=[3, 10],
        alignment_heads=[[2, 5], [3, 0]],
        max_initial_timestamp_index=25,
        max_length=400,
    )
    assert found.suppressed == (1, 2, NO_SPEECH, NO_TIMES)
    assert found.suppressed_first == (3, 10)
    assert found.alignment_heads == ((2, 5), (3, 0))
    assert found.last_start == FIRST_TIME + 25
    assert found.max_tokens == 400
    assert found.is_multilingual
    assert found.languages == {"es": SPANISH}


def test_what_an_export_leaves_out_is_as_published(tmp_path: Path) -> None:
    """A transcript starts within a second, and is as long as the decoder has positions."""
    found = read(tmp_path, suppress_tokens=None)
    assert found.suppressed == (NO_SPEECH, NO_TIMES)
    assert (found.suppressed_first, found.alignment_heads) == ((), ())
    assert (found.last_start, found.max_tokens) == (FIRST_TIME + 50, 448)


@pytest.mark.parametrize(
    ("changes", "opening"),
    [
        ({}, [START, ENGLISH, TRANSCRIBE]),
        ({"has_timestamps": False}, [START, ENGLISH, TRANSCRIBE, NO_TIMES]),
        ({"is_multilingual": False}, [START]),
        ({"is_multilingual": False, "has_timestamps": False}, [START, NO_TIMES]),
    ],
)
def test_a_transcript_is_opened_as_the_model_learned_it(changes: dict[str, bool], opening: list[int]) -> None:
    """Language and task where there are several; a token that says so where there are no timestamps."""
    assert rules(**changes).opening("en") == opening


def test_languages_that_the_model_lacks_are_refused(tmp_path: Path) -> None:
    """It is said which it has."""
    (tmp_path / "generation_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="'xx'; it has en es"):
        ov_rules.read_rules(tmp_path, SPECIAL, ("en", "xx"))
