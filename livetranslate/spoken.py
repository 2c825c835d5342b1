"""What may be spoken in a session, and who recognizes it: one language, or "auto" and the candidates for it."""

from collections.abc import Iterable, Sequence
from typing import Final

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import Model, model_for_language, primary

AUTO: Final = "auto"
MAX_CANDIDATES: Final = 8
MAX_LANGUAGE_CHARACTERS: Final = 35  # what RFC 5646 asks programs to have room for


def recognizer_for(models: Iterable[Model], language: str, candidates: Sequence[str]) -> tuple[Model, tuple[str, ...]]:
    """The recognizer of a session, and the languages that it listens for.

    Args:
        models: The recognizers there are.
        language: What is spoken (BCP-47), or "auto".
        candidates: For "auto": what may be spoken, first the likeliest. None: all that one recognizer understands.

    Raises:
        InvalidArgumentError: There is no such recognizer, or the languages are not well said.
    """
    if language != AUTO:
        _check_length(language)
        if candidates:
            message = f'Candidate languages are for "{AUTO}", but {language!r} was asked for. Leave one of the two out.'
            raise InvalidArgumentError("CANDIDATES_WITHOUT_AUTO", message, language=language)
        return model_for_language(models, language, what="recognize"), (language,)
    _check_candidates(candidates)
    by_rank = sorted(models, key=lambda model: model.rank)
    model = max(by_rank, key=lambda model: len(_understood(model, candidates)), default=None)
    understood = _understood(model, candidates) if model else ()
    if model is None or not understood:
        raise _none_of(candidates, by_rank)
    if missing := [candidate for candidate in candidates if candidate not in understood]:
        message = (
            f"One recognizer has to understand all candidates. {model.name} understands most of them, but not "
            f"{', '.join(missing)}; several recognizers for one session are not supported. Leave these out."
        )
        raise InvalidArgumentError("CANDIDATES_NOT_SUPPORTED", message, missing=" ".join(missing), model=model.name)
    return model, understood


def _check_length(language: str) -> None:
    if len(language) > MAX_LANGUAGE_CHARACTERS:
        message = (
            f"The language that is spoken has {len(language):,} characters; at most {MAX_LANGUAGE_CHARACTERS} are "
            "allowed. Name it by its BCP-47 code, e.g. en."
        )
        raise InvalidArgumentError("LANGUAGE_TOO_LONG", message, limit=str(MAX_LANGUAGE_CHARACTERS))


def _check_candidates(candidates: Sequence[str]) -> None:
    if len(candidates) > MAX_CANDIDATES:
        message = f"{len(candidates)} candidate languages were named; at most {MAX_CANDIDATES} are allowed."
        raise InvalidArgumentError("TOO_MANY_CANDIDATES", message, limit=str(MAX_CANDIDATES))
    if len({primary(candidate) for candidate in candidates}) < len(candidates):
        message = (
            "A candidate language is named twice, perhaps for two regions, which cannot be told apart. Name it once."
        )
        raise InvalidArgumentError("CANDIDATE_REPEATED", message)
    if any(not 0 < len(candidate) <= MAX_LANGUAGE_CHARACTERS or candidate == AUTO for candidate in candidates):
        message = f'A candidate language is empty, "{AUTO}" or too long. Name languages by BCP-47 codes, e.g. en.'
        raise InvalidArgumentError("CANDIDATE_INVALID", message)


def _understood(model: Model, candidates: Sequence[str]) -> tuple[str, ...]:
    """The candidates that a model understands; of none all that it does."""
    if not candidates:
        return model.languages
    return tuple(language for language in candidates if {language, primary(language)} & set(model.languages))


def _none_of(candidates: Sequence[str], models: Sequence[Model]) -> InvalidArgumentError:
    languages = sorted({language for model in models for language in model.languages})
    named = ", ".join(candidates) or "anything"
    message = f"No model can recognize {named}. Languages: {', '.join(languages) or 'none'}."
    return InvalidArgumentError("LANGUAGE_NOT_SUPPORTED", message, supported=" ".join(languages))
