"""Translation: a clause of eleven words, of which each engine writes sixteen tokens."""

import random
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import ctranslate2
import sentencepiece

from bench.engines.bare import cores
from bench.engines.subject import Subject
from bench.weights.translator import save_random_translator
from livetranslate.tensors import Value

WORDS = 11
VOCABULARY = 10_000  # of the made-up words that are used
# What `save_random_translator` allows a translation beyond its source. With the words and the end that makes a power of
# two: so far the model lets all of a batch run, and real texts end by themselves before.
EXTRA_TOKENS = 4
BEAM_SIZE = 2


class BareTranslator:
    """CTranslate2 and SentencePiece."""

    def __init__(self, folder: Path) -> None:
        """Load the weights with the numbers that the model has on processors."""
        self._translator = ctranslate2.Translator(str(folder), compute_type="int8", intra_threads=cores())
        self._source = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
        self._target = sentencepiece.SentencePieceProcessor(model_file=str(folder / "target.spm"))

    def run(self, count: int) -> None:
        """Translate so many texts."""
        texts = [[*self._source.encode(text(), out_type=str), "</s>"] for _ in range(count)]
        length = len(texts[0]) + EXTRA_TOKENS
        results = self._translator.translate_batch(
            texts, beam_size=BEAM_SIZE, max_decoding_length=length, return_scores=True, disable_unk=True
        )
        for result in results:
            self._target.decode(result.hypotheses[0])


def text() -> str:
    """Words that the random models know."""
    return " ".join(f"w{random.randrange(VOCABULARY)}" for _ in range(WORDS))


def request() -> Mapping[str, Value]:
    """A clause."""
    return {"TEXT": [text()], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}


def translator(size: str) -> Subject:
    """A translator of one size."""
    return Subject(
        name=size,
        engine="mt_ct2",
        profile="cpu",
        save=partial(save_random_translator, size=size),
        bare=BareTranslator,
        request=request,
        batch_sizes=(1, 2, 4, 8, 16, 32),
    )
