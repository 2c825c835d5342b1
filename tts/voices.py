"""The voices of the models, and the one for a language."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import Model, is_spoken_by, model_for_language, primary
from tts.utterance import Voice


def voices_of(model: Model) -> Iterator[Voice]:
    """A model's voices, one for each language that each speaks.

    A model that lists as many languages as voices lists them side by side, one for each; otherwise each
    of its voices speaks all of its languages.
    """
    if len(model.voices) == len(model.languages):
        pairs: Iterable[tuple[str, str]] = zip(model.voices, model.languages, strict=True)
    else:
        pairs = product(model.voices, model.languages)
    for name, language in pairs:
        yield Voice(name, language, model.name, model.sample_rate_hertz, model.license)


def find_voice(models: Sequence[Model], language: str, name: str) -> Voice:
    """The voice of that name for a language; without a name, the first model's own choice.

    Raises:
        InvalidArgumentError: No model speaks the language (the message lists those there are), or none has
            the voice (the message lists the language's voices).
    """
    known = voices_for(models, language)
    if not known:
        model_for_language(models, language, what="speak")  # says which languages there are
    for voice in known:
        if voice.name == name:
            return voice
    if not name:
        return _default(models, language, known)
    names = sorted({voice.name for voice in known})
    message = f"No voice {name!r} speaks {language!r}. Voices: {', '.join(names) or 'none'}."
    raise InvalidArgumentError("VOICE_NOT_FOUND", message, voice=name, language=language, supported=" ".join(names))


def voices_for(models: Sequence[Model], language: str) -> list[Voice]:
    """The voices that will do for a language; all where it is empty."""
    every = (voice for model in models for voice in voices_of(model))
    return [voice for voice in every if not language or is_spoken_by(voice.language, language)]


def _default(models: Sequence[Model], language: str, known: Sequence[Voice]) -> Voice:
    """A model's own choice for exactly this language or its primary one; else the first voice that will do."""
    for spoken in (language, primary(language)):
        for model in models:
            if spoken in model.languages:
                return Voice("", spoken, model.name, model.sample_rate_hertz, model.license)
    return known[0]
