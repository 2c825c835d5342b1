from pathlib import Path

import pytest

from tests.model_repository.loading import load_describe

describe = load_describe("mt_apertium")


@pytest.mark.parametrize(
    ("code", "tag"), [("eng", "en"), ("spa", "es"), ("eng_US", "en-US"), ("hbs", "sh"), ("ast", "ast"), ("eo", "eo")]
)
def test_a_code_becomes_the_shortest_bcp_47_tag(code: str, tag: str) -> None:
    """Three letters become two where the language has them; a region stays."""
    assert describe.language_tag(code) == tag


def test_pairs_are_read_from_the_names_of_mode_files(tmp_path: Path) -> None:
    """Every mode that names two languages is a pair; debugging modes and other files are not."""
    for name in ("eng-spa.mode", "spa-eng_US.mode", "eng-spa-anmor.mode", "README"):
        (tmp_path / name).touch()
    assert describe.find_pairs(tmp_path) == {"en-es": "eng-spa", "es-en-US": "spa-eng_US"}


def test_without_a_pair_it_says_what_to_install(tmp_path: Path) -> None:
    """An empty modes folder is answered with the command that fills it."""
    assert describe.describe(tmp_path)["missing"] == "apt-get install apertium-eng-spa"
