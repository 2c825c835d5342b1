from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import sentencepiece

from bench.weights.arranged import POSITIONS
from bench.weights.noise import SIZES
from bench.weights.translator import save_dictionary_translator, save_many_pairs_translator, save_random_translator
from livetranslate.weights import damage, read_weights

WORDS = {"the": "el", "dog": "perro", "we": "nosotros", "good": "muy bueno", "I": "yo"}
CONCEPTS = [{"en": "the", "es": "el", "de": "der"}, {"en": "dog", "es": "perro", "de": "Hund"}]


class Loaded:
    """The engine and the pieces of a model."""

    def __init__(self, folder: Path, pieces: str, compute_type: str = "int8") -> None:
        self.pieces: Any = sentencepiece.SentencePieceProcessor(model_file=str(folder / pieces))
        self.engine: Any = ctranslate2.Translator(str(folder), compute_type=compute_type)

    def translate(self, text: str, before: list[str], prefix: list[str]) -> str:
        source = [*before, *self.pieces.encode(text, out_type=str), "</s>"]
        (result,) = self.engine.translate_batch([source], target_prefix=[prefix])
        return str(self.pieces.decode(result.hypotheses[0][len(prefix) :]))


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "dictionary"
    save_dictionary_translator(folder, "en", "es", WORDS)
    return folder


@pytest.mark.parametrize("compute_type", ["int8", "float32"])
def test_a_dictionary_translates_word_for_word(dictionary: Path, compute_type: str) -> None:
    """Known words are translated, with their capital letters; marks and other words are copied."""
    loaded = Loaded(dictionary, "source.spm", compute_type)
    assert loaded.translate("The dog, we and I!", [], []) == "El perro, nosotros and yo!"
    assert loaded.translate("I am good.", [], []) == "yo am muy bueno."
    assert loaded.translate("wet theory weekend doggy goods", [], []) == "wet theory weekend doggy goods"
    assert loaded.translate("\u65e5", [], []) == "?"


def test_a_dictionary_carries_on_a_prefix(dictionary: Path) -> None:
    """What comes after it is the translation of what comes after as many tokens."""
    assert Loaded(dictionary, "source.spm").translate("we good dog", [], ["\u2581Nosotros"]) == "muy bueno perro"


def test_a_dictionary_takes_long_texts(dictionary: Path) -> None:
    """Each position knows its own word up to the last."""
    words = (["the", "dog", "we"] * POSITIONS)[: POSITIONS - 1]  # and the end
    translation = Loaded(dictionary, "source.spm").translate(" ".join(words), [], [])
    assert translation == " ".join(WORDS[word] for word in words)


@pytest.mark.parametrize("tokenization", ["nllb", "m2m100"])
def test_one_model_has_many_pairs(tmp_path: Path, tokenization: str) -> None:
    """The language token in front of the translation says which language it is in."""
    folder = tmp_path / "many"
    save_many_pairs_translator(folder, CONCEPTS, tokenization)
    loaded = Loaded(folder, "sentencepiece.bpe.model")
    names = {"nllb": ("eng_Latn", "spa_Latn", "deu_Latn"), "m2m100": ("__en__", "__es__", "__de__")}[tokenization]
    texts = dict(zip(names, ("The dog, x.", "El perro, x.", "Der Hund, x."), strict=True))
    assert {
        (source, target): loaded.translate(texts[source], [source], [target]) for source in names for target in names
    } == {(source, target): texts[target] for source in names for target in names}


def test_weights_describe_themselves(dictionary: Path) -> None:
    """The stack reads what they are for, and finds them whole."""
    weights = read_weights(dictionary)
    assert (weights.name, weights.engine, weights.profiles) == ("dictionary", "mt_ct2", ("cpu", "openvino", "gpu"))
    assert weights.parameters["language_pairs"] == "en-es"
    assert set(weights.files) >= {"model.bin", "config.json", "shared_vocabulary.json", "source.spm", "target.spm"}
    assert damage(weights) is None


def test_noise_has_true_dimensions_and_runs(tmp_path: Path) -> None:
    """It says as much as it may, always the same."""
    folder = tmp_path / "opus"
    save_random_translator(folder, "opus-base")
    size = SIZES["opus-base"]
    attention, feed_forward = 4 * size.width**2, 2 * size.width * size.feed_forward
    weights = size.vocabulary * size.width + size.layers * (3 * attention + 2 * feed_forward)
    assert weights < (folder / "model.bin").stat().st_size < 1.05 * weights  # a byte each, and their scales
    loaded = Loaded(folder, "source.spm")
    results = loaded.engine.translate_batch([["\u2581w1", "\u2581w2", "</s>"]] * 2, max_decoding_length=4, beam_size=1)
    assert len(results[0].hypotheses[0]) == 4
    assert results[0].hypotheses == results[1].hypotheses
