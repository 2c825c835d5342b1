from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ctranslate2
import pytest

from bench.weights.translator import save_dictionary_translator, save_many_pairs_translator
from livetranslate.engine.batch import OutOfMemoryError, RefusedError, run_batch
from tests.model_repository.loading import load_sibling
from tests.model_repository.mt_ct2.test_ct2_options import configured

ct2_layouts = load_sibling("mt_ct2", "ct2_layouts")
ct2_options = load_sibling("mt_ct2", "ct2_options")
ct2_translator = load_sibling("mt_ct2", "ct2_translator")

TRANSLITERATION = Path(__file__).parents[4] / "shared" / "data" / "ctranslate2" / "aren-transliteration"
WORDS = {"we": "nosotros", "have": "tenemos", "three": "tres", "options": "opciones", "dog": "perro", "the": "el"}
CONCEPTS = [{"en": "the", "es": "el", "zh": "\u8fd9"}, {"en": "dog", "es": "perro", "zh": "\u72d7"}]


class Result(NamedTuple):
    """What there is in a `ctranslate2.TranslationResult` that counts."""

    hypotheses: list[list[str]]
    scores: list[float]


class Engine:
    """An engine that never ends a text by itself: it says `perro` as often as it may, for a log probability of -1."""

    def __init__(self, memory: int = 100) -> None:
        self.memory = memory
        self.calls: list[tuple[list[list[str]], dict[str, Any]]] = []

    def translate_batch(self, source: list[list[str]], target_prefix: list[list[str]], **options: Any) -> list[Any]:
        self.calls.append((source, options))
        if len(source) > self.memory:
            raise RuntimeError("CUDA failed with error out of memory")
        return [
            self._said(prefix, options["max_decoding_length"], options["length_penalty"]) for prefix in target_prefix
        ]

    def _said(self, prefix: list[str], steps: int, penalty: float) -> Result:
        tokens = prefix + ["\u2581perro"] * (steps - len(prefix))
        score = -float(steps - len(prefix)) / len(tokens) ** penalty
        return Result([tokens], [score])


@pytest.fixture(scope="module")
def opus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "opus"
    save_dictionary_translator(folder, "en", "es", WORDS)
    return folder


def translator(folder: Path, engine: Any = None, tokenization: str = "opus", **parameters: str) -> Any:
    """The model in a folder, as `model.py` makes it."""
    options = {**configured(), "language_pairs": "en-es", "max_tokens": "250"} | parameters
    return ct2_translator.Translator(
        engine or ctranslate2.Translator(str(folder), compute_type="int8"),
        ct2_layouts.Tokenizer(folder, tokenization, {}),
        ct2_options.Options.read(options),
    )


def translate(model: Any, *texts: str | tuple[str, str]) -> list[str]:
    """Translations of texts, or of texts with their prefixes, in one batch."""
    pairs = [(text, "") if isinstance(text, str) else text for text in texts]
    return [answer.text for answer in model.translate([model.read(text, "en", "es", prefix) for text, prefix in pairs])]


def test_a_batch_of_all_kinds_gives_what_each_gives_alone(opus: Path) -> None:
    """Long and short texts, with and without prefix, marks alone and nothing: in their order."""
    model = translator(opus)
    clause = "we have three dog", "nosotros tenemos"
    texts: list[str | tuple[str, str]] = ["We have three options.", clause, "", "...", "dog " * 60, "dog"]
    together = translate(model, *texts)
    assert together[:4] == ["Nosotros tenemos tres opciones.", "tres perro", "", "..."]
    assert together[4:] == [" ".join(["perro"] * 60), "perro"]
    assert together == [translate(model, text)[0] for text in texts]


def test_a_translation_carries_on_within_its_sentence(opus: Path) -> None:
    """Sentences that are over are left out of text and prefix."""
    engine = Engine()
    model = translator(opus, engine)
    translate(model, ("We have. The dog we have", "Tenemos. El perro"))
    assert engine.calls[0][0] == [["\u2581The", "\u2581dog", "\u2581we", "\u2581have", "</s>"]]
    assert translate(translator(opus), ("We have. The dog we have", "Tenemos. El perro")) == ["nosotros tenemos"]


def test_a_long_text_is_cut_between_sentences(opus: Path) -> None:
    """All of it is translated, in few parts."""
    engine = Engine()
    text = "We have three dog. " * 50
    translate(translator(opus, engine), text)
    assert [len(source) for source in engine.calls[0][0]] == [96, 96, 61]
    assert translate(translator(opus), text) == [("Nosotros tenemos tres perro. " * 50).strip()]


def test_translations_of_parts_are_joined_as_the_language_writes(tmp_path: Path) -> None:
    """With a space, but for a script that has none."""
    save_many_pairs_translator(tmp_path / "many", CONCEPTS, "m2m100")
    model = translator(tmp_path / "many", None, "m2m100", language_pairs="en-es en-zh", sentence_tokens="6")
    texts = [model.read("The dog. The dog.", "en", target) for target in ("es", "zh")]
    assert [answer.text for answer in model.translate(texts)] == [
        "El perro. El perro.",
        "\u8fd9 \u72d7.\u8fd9 \u72d7.",
    ]


def test_what_the_model_cannot_take_is_refused(opus: Path) -> None:
    """Another pair, a sentence that is too long, a prefix that leaves no room; nothing is cut in silence."""
    model = translator(opus)
    with pytest.raises(RefusedError, match="no pair en-fr; there are: en-es"):
        model.read("dog", "en", "fr")
    with pytest.raises(RefusedError, match=r"301 tokens.*at most 250"):
        model.read("dog " * 300, "en", "es")
    with pytest.raises(RefusedError, match="prefix 260"):
        model.read("dog", "en", "es", "perro " * 260)


def test_a_refusal_lists_as_many_pairs_as_fit_into_it(opus: Path) -> None:
    """There may be thousands."""
    pairs = " ".join(f"en-{number}" for number in range(1000))
    with pytest.raises(RefusedError, match="en-59 and 940 more"):
        translator(opus, Engine(), language_pairs=pairs).read("dog", "en", "es")


def test_a_loop_is_cut(opus: Path) -> None:
    """A translation has at most so many tokens for each of its text, whatever else is in the batch."""
    engine = Engine()
    model = translator(opus, engine, output_ratio="2", output_extra="3")
    short, long = translate(model, "dog", "dog " * 20)
    assert short.split() == ["perro"] * (2 * 2 + 3)
    assert long.split() == ["perro"] * (2 * 21 + 3)
    assert sorted(options["max_decoding_length"] for _, options in engine.calls) == [8, 64]
    assert translate(model, "dog") == [short]


def test_texts_of_about_one_length_run_together(opus: Path) -> None:
    """One call of the engine for them."""
    engine = Engine()
    translate(translator(opus, engine), *("dog " * count for count in range(6, 16)))
    assert [len(source) for source, _ in engine.calls] == [10]


@pytest.mark.parametrize("penalty", ["0", "0.6", "1"])
def test_the_score_is_the_mean_of_what_is_new(opus: Path, penalty: str) -> None:
    """Whatever the length penalty, and without the prefix, which was not the model's to choose."""
    model = translator(opus, Engine(), length_penalty=penalty)
    answers = model.translate([model.read("we dog", "en", "es", prefix) for prefix in ("", "nosotros")])
    assert [answer.score for answer in answers] == pytest.approx([-1, -1])


def test_a_device_without_memory_takes_half_a_batch(opus: Path) -> None:
    """What does not fit even alone fails alone."""
    engine = Engine(memory=2)
    model = translator(opus, engine)
    texts = [model.read("dog", "en", "es")] * 4
    assert len(run_batch(texts, model.translate)) == 4
    assert [len(source) for source, _ in engine.calls] == [4, 2, 2]
    engine.memory = 0
    assert isinstance(run_batch(texts[:1], model.translate)[0], OutOfMemoryError)


def test_a_warm_engine_has_seen_all_batch_sizes(opus: Path) -> None:
    """Before the first request."""
    engine = Engine()
    translator(opus, engine).warm_up((1, 4))
    assert [len(source) for source, _ in engine.calls] == [1, 4]


class Letters:
    """A tokenizer for models that read and write letters."""

    end = "</s>"

    def source_tokens(self, text: str, _source: str, _target: str) -> list[str]:
        return list(text)

    def target_tokens(self, prefix: str, _source: str, _target: str) -> list[str]:
        return list(prefix)

    def text(self, tokens: Sequence[str]) -> str:
        return "".join(tokens)


@pytest.mark.skipif(not TRANSLITERATION.exists(), reason="there is no ../shared/data/ctranslate2")
@pytest.mark.parametrize("name", ["aren-transliteration", "aren-transliteration-i8"])
def test_a_real_model_writes_what_it_is_known_to_write(name: str) -> None:
    """Arabic names in Latin letters: in one batch, with prefixes, and as probable as the engine says by itself."""
    engine = ctranslate2.Translator(str(TRANSLITERATION.with_name(name)))
    options = ct2_options.Options.read({**configured(), "language_pairs": "ar-en"})
    model = ct2_translator.Translator(engine, Letters(), options)
    names = {"\u0622\u062a\u0632\u0645\u0648\u0646": "atzmon", "\u0622\u062a\u0634\u064a\u0633\u0648\u0646": "achison"}
    whole = [model.read(arabic, "ar", "en") for arabic in names]
    rest = [model.read(arabic, "ar", "en", latin[:3]) for arabic, latin in names.items()]
    answers = model.translate([*whole, *rest])
    assert [answer.text for answer in answers] == ["atzmon", "achison", "mon", "ison"]
    scored = engine.score_batch([list(arabic) for arabic in names], [list(latin) for latin in names.values()])
    for start, part in ((0, answers[:2]), (3, answers[2:])):
        means = [sum(score.log_probs[start:]) / len(score.log_probs[start:]) for score in scored]
        assert [answer.score for answer in part] == pytest.approx(means, abs=0.02)
