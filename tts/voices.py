"""The voices of the models, and the one for a language."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import Model, model_for_language, primary
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
    default = model_for_language(models, language, what="speak")
    if not name:
        spoken = language if language in default.languages else primary(language)
        return Voice("", spoken, default.name, default.sample_rate_hertz, default.license)
    known = voices_for(models, language)
    for voice in known:
        if voice.name == name:
            return voice
    names = sorted({voice.name for voice in known})
    message = f"No voice {name!r} speaks {language!r}. Voices: {', '.join(names) or 'none'}."
    raise InvalidArgumentError("VOICE_NOT_FOUND", message, voice=name, language=language, supported=" ".join(names))


def voices_for(models: Sequence[Model], language: str) -> list[Voice]:
    """The voices for a language: for `en` those of its regions too, for `en-GB` those of `en-GB` and of plain `en`."""
    wanted = language.lower()
    return [
        voice
        for model in models
        for voice in voices_of(model)
        if not wanted
        or voice.language.lower() in (wanted, primary(language))
        or voice.language.lower().startswith(f"{wanted}-")
    ]
