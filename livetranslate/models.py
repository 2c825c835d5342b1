"""What a model says of itself, in the `parameters` of its `config.pbtxt`.

Services find their models here; no code outside `model_repository/` names an engine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from livetranslate.errors import InvalidArgumentError

_LISTED_PAIRS: Final = 60  # an error's whole trailer must stay below the 8 KiB that gRPC takes


@dataclass(frozen=True, slots=True)
class Model:
    """One model behind Triton.

    Attributes:
        name: Its folder in `model_repository/`.
        task: `asr`, `mt` or `tts`.
        languages: BCP-47 codes that it recognizes or speaks.
        language_pairs: (source, target) that it translates.
        voices: Names of its voices.
        decoding: `window` (stateless) or `sequence` (one Triton sequence per utterance), for `asr`.
        sample_rate_hertz: Of the audio it takes or makes.
        license: SPDX expression.
        sequence_slots: Sequences it decodes at the same time; further ones wait inside Triton. 0: no limit.
        max_batch_size: The most requests it takes in one batch.
        takes: Optional inputs that it makes use of: `phrases`, `prompt`, `context`, `prefix`, `reference`.
        writing: `plain` where it writes no punctuation and everything in lower case, else `punctuated`, for `asr`.
        window_seconds: The lengths that windows are padded to, for `asr` with `window` decoding.
        rank: Of several models for the same, the lowest rank is asked first.
    """

    name: str
    task: str
    languages: tuple[str, ...] = ()
    language_pairs: tuple[tuple[str, str], ...] = ()
    voices: tuple[str, ...] = ()
    decoding: str = ""
    sample_rate_hertz: int = 16_000
    license: str = ""
    sequence_slots: int = 0
    max_batch_size: int = 0
    takes: frozenset[str] = frozenset()
    writing: str = "punctuated"
    window_seconds: tuple[int, ...] = ()
    rank: int = 0


def model_from_parameters(name: str, parameters: Mapping[str, str], **limits: int) -> Model:
    """Read a model's description from its `parameters`."""
    pairs = (pair.partition("-") for pair in parameters.get("language_pairs", "").split())
    return Model(
        name=name,
        task=parameters.get("task", ""),
        languages=tuple(parameters.get("languages", "").split()),
        language_pairs=tuple((source, target) for source, _, target in pairs),
        voices=tuple(parameters.get("voices", "").split()),
        decoding=parameters.get("decoding", ""),
        sample_rate_hertz=int(parameters.get("sample_rate_hertz", "16000")),
        license=parameters.get("license", ""),
        takes=frozenset(parameters.get("takes", "").split()),
        writing=parameters.get("writing", "punctuated"),
        window_seconds=tuple(map(int, parameters.get("window_seconds", "").split())),
        rank=int(parameters.get("rank", "0")),
        **limits,
    )


def model_for_language(models: Iterable[Model], language: str, *, what: str) -> Model:
    """The best model for a language, or for its primary language (`en-GB` → `en`).

    The lowest rank comes first; of one rank, a model for exactly this tag before one for its primary language.

    Raises:
        InvalidArgumentError: There is none; the message lists the languages there are.
    """
    known = list(models)
    wanted = (language, primary(language))
    found = [model for tag in wanted for model in known if tag in model.languages]
    if found:
        return min(found, key=lambda model: model.rank)  # of one rank, the first
    languages = sorted({code for model in known for code in model.languages})
    message = f"No model can {what} {language!r}. Languages: {', '.join(languages) or 'none'}."
    raise InvalidArgumentError("LANGUAGE_NOT_SUPPORTED", message, language=language, supported=" ".join(languages))


def model_for_pair(models: Iterable[Model], source: str, target: str) -> tuple[Model, str, str]:
    """The first of `models_for_pair`, with the same error."""
    return models_for_pair(models, source, target)[0]


def models_for_pair(models: Iterable[Model], source: str, target: str) -> list[tuple[Model, str, str]]:
    """All models for a language pair in the order they are asked, each with the pair as the model writes it.

    The lowest rank comes first; of one rank, a model for exactly these tags before one for their primary languages.

    Raises:
        InvalidArgumentError: There is none; the message lists the pairs there are, those from the source first.
    """
    known = list(models)
    wanted = [(a, b) for a in (source, primary(source)) for b in (target, primary(target))]
    found = [
        (model, *next(pair for pair in wanted if pair in model.language_pairs))
        for model in known
        if not set(wanted).isdisjoint(model.language_pairs)
    ]
    if found:
        return sorted(found, key=lambda choice: (choice[0].rank, wanted.index(choice[1:])))
    pairs = _listed({pair for model in known for pair in model.language_pairs}, source)
    message = f"No model translates {source!r} into {target!r}. Pairs: {', '.join(pairs) or 'none'}."
    raise InvalidArgumentError("PAIR_NOT_SUPPORTED", message, source=source, target=target, supported="; ".join(pairs))


def _listed(pairs: Iterable[tuple[str, str]], source: str) -> list[str]:
    """Pairs for an error message, those from the source first, and how many more there are."""
    ordered = sorted(pairs, key=lambda pair: (primary(pair[0]) != primary(source), pair))
    more = [f"{len(ordered) - _LISTED_PAIRS} more"] if len(ordered) > _LISTED_PAIRS else []
    return [f"{a} → {b}" for a, b in ordered[:_LISTED_PAIRS]] + more


def is_spoken_by(voice_language: str, language: str) -> bool:
    """Whether a voice will do for a language: for `en` one of its regions too, for `en-GB` also plain `en`."""
    voice, wanted = voice_language.lower(), language.lower()
    return voice in (wanted, primary(wanted)) or voice.startswith(f"{wanted}-")


def primary(language: str) -> str:
    """The primary language of a BCP-47 tag: `en` of `en-GB`."""
    return language.partition("-")[0].lower()
