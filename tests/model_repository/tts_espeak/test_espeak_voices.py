import pytest

from tests.model_repository.loading import load_sibling

espeak_voices = load_sibling("tts_espeak", "espeak_voices")

LANGUAGES = {"es": "es", "es-419": "es-419", "en-US": "en-US", "cmn": "zh"}


def test_a_voice_speaks_the_language_it_is_named_after() -> None:
    """Mandarin alone has a more usual tag than its voice's name."""
    assert espeak_voices.languages_of(["fr", "cmn"]) == {"fr": "fr", "cmn": "zh"}


@pytest.mark.parametrize(
    ("language", "wanted", "voice"),
    [
        ("es", "", "es"),
        ("es-419", "", "es-419"),
        ("es-MX", "", "es"),
        ("en-us", "", "en-US"),
        ("zh", "", "cmn"),
        ("es", "en-US", "en-US"),
        ("es", "nobody", None),
        ("tlh", "", None),
    ],
)
def test_the_nearest_voice_is_chosen(language: str, wanted: str, voice: str | None) -> None:
    """A wanted voice wins; then the exact language; then its base language; a voice that is not there is none."""
    assert espeak_voices.choose_voice(language, wanted, LANGUAGES) == voice
