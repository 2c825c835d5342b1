"""Batches of texts through CTranslate2, whatever their languages, lengths and prefixes.

A translation is a function of its own text, up to rounding: no limit depends on what else is in a batch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ct2_layouts import Tokenizer
from ct2_options import Options
from ct2_sentences import last_sentence, packed

from livetranslate.engine.batch import RefusedError, in_groups

_LISTED_PAIRS: Final = 60  # NLLB has thousands; an error's whole trailer must stay below the 8 KiB that gRPC takes
_SPACELESS: Final = frozenset(("zh", "yue", "wuu", "nan", "ja", "th", "lo", "km", "my", "bo"))


@dataclass(frozen=True, slots=True)
class Part:
    """What goes through the engine at once: a sentence, or a few.

    Attributes:
        source: Its tokens.
        prefix: Tokens that the translation begins with.
        limit: Tokens that may follow.
    """

    source: Sequence[str]
    prefix: Sequence[str]
    limit: int


@dataclass(frozen=True, slots=True)
class Text:
    """What to translate.

    Attributes:
        parts: None where there are no words.
        space: What comes between the translations of two parts.
        marks: What it consists of where there are no words.
    """

    parts: tuple[Part, ...] = ()
    space: str = " "
    marks: str = ""


class Translation(NamedTuple):
    """What came out: the text, and the mean log probability of its tokens."""

    text: str
    score: float = 0.0


class _Output(NamedTuple):
    """What came out of the engine for a part: its text, how many tokens, and the sum of their log probabilities."""

    text: str
    token_count: int
    log_probability: float


class Translator:
    """One model, for all sessions."""

    def __init__(self, engine: Any, tokenizer: Tokenizer, options: Options) -> None:
        """Use a loaded `ctranslate2.Translator`."""
        self._engine = engine
        self._tokenizer = tokenizer
        self._options = options
        self._pairs = frozenset(options.language_pairs)

    def read(self, text: str, source: str, target: str, prefix: str = "") -> Text:
        """Prepare a text.

        Raises:
            RefusedError: The model does not translate this pair, or a sentence is too long for it.
        """
        if f"{source}-{target}" not in self._pairs:
            raise RefusedError(f"no pair {source}-{target}; there are: {_listed(self._options.language_pairs)}")

        def token_count(part: str) -> int:
            return len(self._tokenizer.source_tokens(part, source, target))

        text, prefix = last_sentence(text, prefix)
        if not any(map(str.isalnum, text)):
            return Text(marks=text.strip())  # of them a model makes up words
        texts = [text] if prefix.strip() else packed(text, token_count, self._options.sentence_tokens)
        parts = tuple(self._part(part, source, target, prefix) for part in texts)
        return Text(parts, "" if target.partition("-")[0] in _SPACELESS else " ")

    def translate(self, texts: Sequence[Text]) -> list[Translation]:
        """All of them, in their order."""
        parts = [part for text in texts for part in text.parts]
        outputs = iter(in_groups(parts, self._steps, self._run))
        return [_together(text, [next(outputs) for _ in text.parts]) for text in texts]

    def warm_up(self, batch_sizes: Iterable[int]) -> None:
        """Translate batches of these sizes, so that nobody waits for what an engine does at its first ones."""
        source, _, target = self._options.language_pairs[0].partition("-")
        text = self.read("warm", source, target)
        for size in batch_sizes:
            self.translate([text] * size)

    def _part(self, text: str, source: str, target: str, prefix: str) -> Part:
        tokens = self._tokenizer.source_tokens(text, source, target)
        start = self._tokenizer.target_tokens(prefix, source, target)
        most = self._options.max_tokens
        if max(len(tokens), len(start) + 1) > most:
            size = f"a sentence of the text has {len(tokens)} tokens, and its prefix {len(start)}"
            raise RefusedError(f"{size}; this model takes at most {most}: send it in clauses")
        limit = int(self._options.output_ratio * len(tokens)) + self._options.output_extra
        return Part(tokens, start, min(limit, most - len(start)))

    def _steps(self, part: Part) -> int:
        """The most steps that a part may take: a power of two, so that many run together."""
        steps = 1 << (len(part.prefix) + part.limit - 1).bit_length()
        return min(steps, self._options.max_tokens)

    def _run(self, parts: Sequence[Part]) -> list[_Output]:
        options = self._options
        results = self._engine.translate_batch(
            [list(part.source) for part in parts],
            target_prefix=[list(part.prefix) for part in parts],
            max_batch_size=options.max_batch_tokens,
            batch_type="tokens",
            beam_size=options.beam_size,
            length_penalty=options.length_penalty,
            repetition_penalty=options.repetition_penalty,
            no_repeat_ngram_size=options.no_repeat_ngram_size,
            disable_unk=True,
            max_input_length=0,  # nothing is cut in silence: what is too long was refused
            max_decoding_length=self._steps(parts[0]),
            return_scores=True,
            return_end_token=True,
        )
        return [self._output(part, result) for part, result in zip(parts, results, strict=True)]

    def _output(self, part: Part, result: Any) -> _Output:
        tokens = result.hypotheses[0]
        new = tokens[len(part.prefix) :]
        # The engine's score: the sum over the new tokens, divided by a power of the number of all.
        log_probability = result.scores[0] * len(tokens) ** self._options.length_penalty
        said = new[:-1] if new[-1:] == [self._tokenizer.end] else new
        return _Output(self._tokenizer.text(said[: part.limit]), len(new), log_probability)


def _together(text: Text, outputs: Sequence[_Output]) -> Translation:
    if not outputs:
        return Translation(text.marks)
    count = sum(output.token_count for output in outputs)
    score = sum(output.log_probability for output in outputs) / max(1, count)
    return Translation(text.space.join(output.text for output in outputs if output.text), min(0.0, score))


def _listed(pairs: Sequence[str]) -> str:
    """Pairs for an error message: as many as fit into one."""
    more = f" and {len(pairs) - _LISTED_PAIRS} more" if len(pairs) > _LISTED_PAIRS else ""
    return " ".join(pairs[:_LISTED_PAIRS]) + more
