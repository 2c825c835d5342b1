"""The voices of the models, and the one for a language."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import Model, is_spoken_by, model_for_language, primary
from tts.utterance import Voice

REFERENCE = "reference"
"""What a model `takes` whose voices imitate somebody."""


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
        yield _voice(model, name, language)


def find_voice(models: Sequence[Model], language: str, name: str) -> Voice:
    """The voice of that name for a language; without a name, the choice of the model with the lowest rank.

    Raises:
        InvalidArgumentError: No model speaks the language (the message lists those there are), or none has
            the voice (the message lists the language's voices).
    """
    if not name:  # nobody is imitated who has not been asked for
        models = [model for model in models if REFERENCE not in model.takes]
    known = voices_for(models, language)
    if not known:
        model_for_language(models, language, what="speak")  # says which languages there are
    for voice in known:
        if voice.name == name:
            return voice
    if not name:
        return _default(models, language)
    names = sorted({voice.name for voice in known})
    message = f"No voice {name!r} speaks {language!r}. Voices: {', '.join(names) or 'none'}."
    raise InvalidArgumentError("VOICE_NOT_FOUND", message, voice=name, language=language, supported=" ".join(names))


def voices_for(models: Sequence[Model], language: str) -> list[Voice]:
    """The voices that will do for a language, the lowest rank first, imitations last; all where it is empty."""
    by_rank = sorted(models, key=lambda model: (REFERENCE in model.takes, model.rank))
    every = (voice for model in by_rank for voice in voices_of(model))
    return [voice for voice in every if not language or is_spoken_by(voice.language, language)]


def _default(models: Sequence[Model], language: str) -> Voice:
    """The own choice of the model with the lowest rank; of one rank, for this language, its primary one, a region's."""
    spoken = [(model, code) for model in models for code in model.languages if is_spoken_by(code, language)]
    wanted = (language, primary(language))
    spoken.sort(key=lambda choice: (choice[0].rank, *(choice[1] != code for code in wanted)))
    model, code = spoken[0]
    return _voice(model, "", code)


def _voice(model: Model, name: str, language: str) -> Voice:
    is_imitation = REFERENCE in model.takes
    return Voice(name, language, model.name, model.sample_rate_hertz, model.license, is_imitation)
