"""Batches of sentences through CTranslate2, whatever their languages, lengths and prefixes.

A translation is a function of its own sentence: limits do not depend on what else is in a batch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from ct2_layouts import Tokenizer
from ct2_sentences import last_sentence

from livetranslate.engine.batch import RefusedError

_LISTED_PAIRS: Final = 60  # NLLB has thousands; an error's whole trailer must stay below the 8 KiB that gRPC takes


@dataclass(frozen=True, slots=True)
class Options:
    """How to translate; the names are those of the parameters."""

    language_pairs: tuple[str, ...]
    beam_size: int
    length_penalty: float
    repetition_penalty: float
    no_repeat_ngram_size: int
    max_tokens: int
    max_batch_tokens: int
    output_ratio: float
    output_extra: int

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Those of a model's configuration."""
        return cls(
            tuple(parameters["language_pairs"].split()),
            int(parameters["beam_size"]),
            float(parameters["length_penalty"]),
            float(parameters["repetition_penalty"]),
            int(parameters["no_repeat_ngram_size"]),
            int(parameters["max_tokens"]),
            int(parameters["max_batch_tokens"]),
            float(parameters["output_ratio"]),
            int(parameters["output_extra"]),
        )


@dataclass(frozen=True, slots=True)
class Sentence:
    """What to translate.

    Attributes:
        text: As it came.
        source: Its tokens; none where there is nothing to translate.
        prefix: Tokens that the translation begins with.
        limit: Tokens that may follow.
    """

    text: str
    source: Sequence[str] = ()
    prefix: Sequence[str] = ()
    limit: int = 0


class Translation(NamedTuple):
    """What came out: the text, and the mean log probability of its tokens."""

    text: str
    score: float = 0.0


class Translator:
    """One model, for all sessions."""

    def __init__(self, engine: Any, tokenizer: Tokenizer, options: Options) -> None:
        """Use a loaded `ctranslate2.Translator`."""
        self._engine = engine
        self._tokenizer = tokenizer
        self._options = options
        self._pairs = frozenset(options.language_pairs)

    def read(self, text: str, source: str, target: str, prefix: str = "") -> Sentence:
        """Prepare a text.

        Raises:
            RefusedError: The model does not translate this pair, or the text is too long for it.
        """
        if f"{source}-{target}" not in self._pairs:
            raise RefusedError(f"no pair {source}-{target}; there are: {_listed(self._options.language_pairs)}")
        rest, rest_prefix = last_sentence(text, prefix)
        if not any(map(str.isalnum, rest)):
            return Sentence(rest.strip())  # of nothing but marks a model makes up words
        tokens = self._tokenizer.source_tokens(rest, source, target)
        start = self._tokenizer.target_tokens(rest_prefix, source, target)
        longest = self._options.max_tokens
        if max(len(tokens), len(start) + 1) > longest:
            size = f"the text has {len(tokens)} tokens and its prefix {len(start)}"
            raise RefusedError(f"{size}, this model takes at most {longest}: send it sentence by sentence")
        limit = int(self._options.output_ratio * len(tokens)) + self._options.output_extra
        return Sentence(rest, tokens, start, min(limit, longest - len(start)))

    def translate(self, sentences: Sequence[Sentence]) -> list[Translation]:
        """All of them, in their order."""
        translations = [Translation(sentence.text) for sentence in sentences]
        for steps, places in self._by_steps(sentences).items():
            together = [sentences[place] for place in places]
            for place, translation in zip(places, self._run(together, steps), strict=True):
                translations[place] = translation
        return translations

    def warm_up(self, batch_sizes: Iterable[int]) -> None:
        """Translate batches of these sizes, so that nobody waits for what an engine does at its first ones."""
        source, _, target = self._options.language_pairs[0].partition("-")
        sentence = self.read("warm", source, target)
        for size in batch_sizes:
            self.translate([sentence] * size)

    def _by_steps(self, sentences: Sequence[Sentence]) -> Mapping[int, list[int]]:
        """Which sentences run together, by the most steps that they may take: a power of two, so that they are many."""
        places = defaultdict(list)
        for place, sentence in enumerate(sentences):
            if sentence.source:
                steps = 1 << (len(sentence.prefix) + sentence.limit - 1).bit_length()
                places[min(steps, self._options.max_tokens)].append(place)
        return places

    def _run(self, sentences: Sequence[Sentence], steps: int) -> list[Translation]:
        options = self._options
        results = self._engine.translate_batch(
            [list(sentence.source) for sentence in sentences],
            target_prefix=[list(sentence.prefix) for sentence in sentences],
            max_batch_size=options.max_batch_tokens,
            batch_type="tokens",
            beam_size=options.beam_size,
            length_penalty=options.length_penalty,
            repetition_penalty=options.repetition_penalty,
            no_repeat_ngram_size=options.no_repeat_ngram_size,
            disable_unk=True,
            max_input_length=0,  # nothing is cut in silence: what is too long was refused
            max_decoding_length=steps,
            return_scores=True,
            return_end_token=True,
        )
        return [self._translation(*pair) for pair in zip(sentences, results, strict=True)]

    def _translation(self, sentence: Sentence, result: Any) -> Translation:
        tokens = result.hypotheses[0]
        new = tokens[len(sentence.prefix) :]
        # The engine's score is the sum over the new tokens, divided by a power of the number of all.
        score = result.scores[0] * len(tokens) ** self._options.length_penalty / max(1, len(new))
        if new[-1:] == [self._tokenizer.end]:
            new = new[:-1]
        return Translation(self._tokenizer.text(new[: sentence.limit]), min(0.0, score))


def _listed(pairs: Sequence[str]) -> str:
    """Pairs for an error message: as many as fit into one."""
    more = f" and {len(pairs) - _LISTED_PAIRS} more" if len(pairs) > _LISTED_PAIRS else ""
    return " ".join(pairs[:_LISTED_PAIRS]) + more


def compute_type(wanted: str, supported: Iterable[str]) -> str:
    """The type of numbers to compute with: the one that is wanted, else the fastest that the device has."""
    return wanted if wanted in set(supported) else "auto"
