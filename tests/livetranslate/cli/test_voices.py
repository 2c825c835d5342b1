"""Who speaks, as the command line says it."""

import pytest
import typer

from livetranslate.cli.voices import voicing


@pytest.mark.parametrize(
    ("wanted", "voices"),
    [
        ([], {}),
        (["ana"], {"es": "ana", "fr": "ana"}),
        (["fr=marie", "ana"], {"es": "ana", "fr": "marie"}),
        (["fr=marie"], {"fr": "marie"}),
    ],
)
def test_a_voice_is_for_all_languages_or_for_one(wanted: list[str], voices: dict[str, str]) -> None:
    """The one for a language goes before the one for all, in whichever order they come."""
    assert voicing(wanted, ["es", "fr"], has_consent=False)["voices"] == voices


@pytest.mark.parametrize(("wanted", "spoken"), [("ana", []), ("fr=marie", ["es"])])
def test_a_voice_needs_something_to_speak(wanted: str, spoken: list[str]) -> None:
    """A language that is not spoken is a mistake."""
    with pytest.raises(typer.BadParameter, match="--speak"):
        voicing([wanted], spoken, has_consent=False)


def test_nobody_is_imitated_without_consent() -> None:
    """Of one language neither."""
    with pytest.raises(typer.BadParameter, match="--voice-consent"):
        voicing(["es=speaker"], ["es", "fr"], has_consent=False)
    assert voicing(["speaker"], ["es"], has_consent=True)["voice_cloning_consent"]
