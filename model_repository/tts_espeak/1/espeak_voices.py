"""Which eSpeak NG voice speaks which language."""

from collections.abc import Iterable, Mapping

# eSpeak NG's voices are named by BCP-47 tags, but for these, which have an older name that is the usual one.
USUAL_TAGS = {"cmn": "zh", "nb": "no"}


def languages_of(voices: Iterable[str]) -> dict[str, str]:
    """The language (BCP-47) that each voice speaks."""
    return {voice: USUAL_TAGS.get(voice, voice) for voice in voices}


def choose_voice(language: str, wanted: str, languages: Mapping[str, str]) -> str | None:
    """The voice to speak `language` with: the wanted one, else the language's own, else the one of its base language.

    Args:
        language: BCP-47, e.g. `es-MX`.
        wanted: A voice's name, or empty.
        languages: The language of each voice.

    Returns:
        A voice's name, or None where no voice speaks the language or the wanted one does not exist.
    """
    if wanted:
        return wanted if wanted in languages else None
    voices = {spoken.lower(): voice for voice, spoken in languages.items()}
    return voices.get(language.lower()) or voices.get(language.lower().partition("-")[0])
