import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.weights.whisper_ir import save_random_whisper_ir
from bench.weights.whisper_tones import TONE_LANGUAGES
from livetranslate.weights import damage, read_weights
from tests.model_repository.asr_whisper_openvino.tones import tones
from tests.model_repository.loading import load_sibling

ov_whisper = load_sibling("asr_whisper_openvino", "ov_whisper")
ov_window = load_sibling("asr_whisper_openvino", "ov_window")
Window = ov_window.Window
SECOND = 16_000


def load(folder: Path, languages: tuple[str, ...] = TONE_LANGUAGES) -> Any:
    return ov_whisper.Whisper(folder, ov_window.Options("CPU", "f32", languages, 15), threads=1)


def words(found: Any) -> list[str]:
    return [word.text for word in found.words]


@pytest.fixture(scope="module")
def whisper(tone_weights: Path) -> Any:
    loaded = load(tone_weights)
    loaded.warm_up([1, 3])
    return loaded


def test_windows_are_answered_as_if_they_were_alone(whisper: Any) -> None:
    """In several languages, with and without prompts and phrases, long and short, silent or not."""
    windows = [
        Window(tones([1, 2, None, 3]), "en"),
        Window(tones([4, 5] * 6), "es", "cuatro cinco " * 20),
        Window(tones([2, 3])),
        Window(tones([None, None]), "en"),
        Window(tones([1, 2, 8]), "en", "too", ("ate", "for")),
    ]
    together = whisper.transcribe(windows)
    assert [words(found) for found in together] == [
        ["one", "two", "three"],
        ["cuatro", "cinco"] * 6,
        ["deux", "trois"],
        [],
        ["one", "too", "ate"],
    ]
    assert [found.language for found in together] == ["en", "es", "fr", "en", "en"]
    for window, found in zip(windows, together, strict=True):
        (alone,) = whisper.transcribe([window])
        assert words(alone) == words(found)
        assert [word.start_sample for word in alone.words] == [word.start_sample for word in found.words]
        assert alone.mean_log_probability == pytest.approx(found.mean_log_probability, abs=1e-3)
        assert (alone.language, alone.compression_ratio) == (found.language, found.compression_ratio)


def test_words_have_times(whisper: Any) -> None:
    """Those of the tones, to a few frames."""
    (found,) = whisper.transcribe([Window(tones([None, 7, 7, None, 9]), "de")])
    assert words(found) == ["sieben", "sieben", "neun"]
    starts = np.array([word.start_sample for word in found.words]) / SECOND
    np.testing.assert_allclose(starts[1:], [1.0, 2.0], atol=0.06)
    assert found.words[-1].end_sample == pytest.approx(2.5 * SECOND, abs=0.06 * SECOND)


def test_a_language_is_one_of_those_that_may_be_spoken(tone_weights: Path) -> None:
    """Though another one would be likelier."""
    narrow = load(tone_weights, ("en", "vi"))
    (found,) = narrow.transcribe([Window(tones([3, 3]))])  # which sounds German
    assert found.language in {"en", "vi"}
    assert found.language_probability < 0.1


def test_without_heads_to_follow_there_are_timestamps(tone_weights: Path, tmp_path: Path) -> None:
    """An export that does not know its heads gives words the time of their phrase."""
    folder = tmp_path / "blind"
    shutil.copytree(tone_weights, folder)
    config = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    del config["alignment_heads"]
    (folder / "generation_config.json").write_text(json.dumps(config), encoding="utf-8")
    (found,) = load(folder).transcribe([Window(tones([4, 5]), "en")])
    times = [(word.text, word.start_sample, word.end_sample) for word in found.words]
    assert times == [("four", 0, SECOND // 2), ("five", SECOND // 2, SECOND)]


def test_an_english_model_is_asked_for_english(tone_weights: Path, tmp_path: Path) -> None:
    """Without a language or a task, which it does not know."""
    folder = tmp_path / "english"
    shutil.copytree(tone_weights, folder)
    config = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    (folder / "generation_config.json").write_text(json.dumps({**config, "is_multilingual": False}), encoding="utf-8")
    (found,) = load(folder, ("en",)).transcribe([Window(tones([4, 5]))])
    assert (found.language, found.language_probability) == ("en", 1.0)


def test_a_model_of_true_size_writes_as_much_as_it_may(tmp_path: Path) -> None:
    """Random weights of a real one's dimensions, as half floats: nonsense, but words with times within the audio."""
    folder = tmp_path / "whisper-tiny-random-ov"
    save_random_whisper_ir(folder, "tiny")
    assert damage(read_weights(folder)) is None
    options = ov_window.Options("CPU", "", ("en", "de"), 3)
    loaded = ov_whisper.Whisper(folder, options, threads=1)
    windows = [Window(tones([number] * 4), "de") for number in range(2)]
    for found in loaded.transcribe(windows):
        assert found.words
        starts = [word.start_sample for word in found.words]
        assert starts == sorted(starts)
        assert found.words[-1].end_sample <= 2 * SECOND
        assert all(0 <= word.confidence <= 1 for word in found.words)
