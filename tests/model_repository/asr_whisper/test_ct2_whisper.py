from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest

from bench.weights.whisper import save_random_whisper
from bench.weights.whisper_tensors import SIZES, WhisperDims
from bench.weights.whisper_tones import tone_audio
from livetranslate.engine.placement import Placement
from tests.model_repository.asr_whisper.conftest import PARAMETERS, load
from tests.model_repository.loading import load_sibling

SECOND = 16_000
Window = load_sibling("asr_whisper", "whisper_window").Window


def window(numbers: Sequence[int | None], language: str = "en", **hints: Any) -> Any:
    audio = tone_audio(numbers)
    return Window(audio, len(audio) / SECOND, language, **hints)


def said(heard: Any) -> list[str]:
    return [word.text for word in heard.words]


def test_words_have_their_times(whisper: Any) -> None:
    """A pause is no word, and none begins where another one does."""
    (heard,) = whisper.hear([window([3, None, 4, 1, None, None, 5, None])])
    assert said(heard) == ["three", "four", "one", "five"]
    assert [(word.start_sample / SECOND, word.end_sample / SECOND) for word in heard.words] == [
        (0.0, 0.5),
        (1.0, 1.5),
        (1.5, 2.0),
        (3.0, 3.5),
    ]
    assert min(word.confidence for word in heard.words) > 0.8
    assert heard.no_speech_probability < 0.01
    assert -0.2 < heard.mean_log_probability <= 0
    assert 0 < heard.compression_ratio < 2


def test_the_last_word_lasts_as_long_as_the_audio(whisper: Any) -> None:
    """Though the network can only say that the text ends in its last position."""
    (heard,) = whisper.hear([window([7, 8])])
    assert heard.words[-1].end_sample == SECOND


def test_silence_has_no_words(whisper: Any) -> None:
    """It is told as no speech, with numbers throughout."""
    (heard,) = whisper.hear([window([None] * 4)])
    assert heard.words == ()
    assert heard.no_speech_probability > 0.99
    assert heard.mean_log_probability == 0
    assert heard.compression_ratio == 0


def test_a_full_window_is_heard_to_its_end(whisper: Any) -> None:
    """Sixty words in thirty seconds."""
    (heard,) = whisper.hear([window(list(range(10)) * 6)])
    assert len(heard.words) == 60
    assert said(heard)[-2:] == ["eight", "nine"]
    assert heard.words[-1].end_sample == 30 * SECOND


@pytest.mark.parametrize("sample_count", [1, 160, 321, 4_000])
def test_however_short_a_window_is(whisper: Any, sample_count: int) -> None:
    """It is answered, and no word lasts longer than it."""
    (heard,) = whisper.hear([Window(tone_audio([6])[:sample_count], 5.0, "en")])
    assert all(0 <= word.start_sample <= word.end_sample <= sample_count for word in heard.words)


def test_every_window_of_a_batch_gets_its_own_answer(whisper: Any) -> None:
    """Windows of several lengths, languages and hints, named or not: together they are answered as alone."""
    windows = [
        window([1, 2, 3], "en"),
        window([1, 2, 3], "es"),
        window([1, 2, 3], "de", prompt="eins zwei " * 30),
        window([None] * 6, "fr"),
        window([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 5], "vi"),
        window([7, 1, 2], ""),
        window([3, 3], "", prompt="vier"),
        window([1, 2, 3], "en", phrases=("won", "too")),
    ]
    together = whisper.hear(windows)
    assert [" ".join(said(heard)) for heard in together] == [
        "one two three",
        "uno dos tres",
        "eins zwei drei",
        "",
        "chín tám bảy sáu năm bốn ba hai một không năm",
        "sept un deux",
        "drei drei",
        "won too three",
    ]
    for heard, (alone,) in zip(together, ([*whisper.hear([one])] for one in windows), strict=True):
        assert said(heard) == said(alone)
        assert [word.end_sample for word in heard.words] == [word.end_sample for word in alone.words]
        assert heard.language == alone.language
        assert heard.mean_log_probability == pytest.approx(alone.mean_log_probability, abs=1e-3)


def test_the_language_is_found_where_none_is_named(whisper: Any) -> None:
    """With how sure that is; one that was named is not doubted."""
    found, named = whisper.hear([window([7, 1], ""), window([7, 1], "es")])
    assert (found.language, named.language) == ("fr", "es")
    assert found.language_probability == pytest.approx(1, abs=0.01)
    assert named.language_probability == 1


def test_only_the_models_own_languages_are_found(weights: Path) -> None:
    """However much likelier another one is."""
    english = load(weights, languages="en de")
    (heard,) = english.hear([window([7, 1], "")])
    assert heard.language in {"en", "de"}
    assert heard.language_probability < 0.01


@pytest.mark.parametrize("hints", [{"phrases": ("won", "for", "too")}, {"prompt": "he won too for one"}])
def test_hints_are_heard(whisper: Any, hints: dict[str, Any]) -> None:
    """What is likely to be said is written where it sounds the same, whether it is told as phrases or as the past."""
    plain, hinted = whisper.hear([window([1, 4, 2, 8]), window([1, 4, 2, 8], **hints)])
    assert said(plain) == ["one", "four", "two", "eight"]
    assert said(hinted) == ["won", "for", "too", "eight"]


def test_hints_leave_room_for_the_text(whisper: Any) -> None:
    """However many they are."""
    many = window(list(range(10)) * 6, phrases=("won",) * 200, prompt="too " * 100)
    (heard,) = whisper.hear([many])
    assert len(heard.words) == 60
    assert said(heard)[1:3] == ["won", "too"]


def test_several_hypotheses_give_the_same_words(weights: Path) -> None:
    """Where one is clearly right."""
    beams = load(weights, beam_size="5")
    assert said(beams.hear([window([1, 2, 3])])[0]) == ["one", "two", "three"]


def test_a_window_may_be_padded_to_its_own_length(weights: Path) -> None:
    """Windows of several lengths in one batch are then encoded apart."""
    short = load(weights, padding="window")
    windows = [Window(tone_audio([1, 2, 3]), seconds, "en") for seconds in (5.0, 10.0, 20.0, 5.0)]
    assert [said(heard) for heard in short.hear(windows)] == [["one", "two", "three"]] * 4
    assert short.hear([Window(np.zeros(1, np.int16), 1 / SECOND, "en")])[0].words == ()


def test_text_that_does_not_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By each window's own length, whatever else is in its batch; its probability is known all the same."""
    monkeypatch.setitem(SIZES, "small", WhisperDims(64, 2, 1, 2, inner=64))
    save_random_whisper(tmp_path, "small")
    endless = load(tmp_path, tokens_per_second="2")
    noise = np.random.default_rng(1).integers(-3000, 3000, 10 * SECOND, np.int16)
    windows = [Window(noise[: 4 * SECOND], 5.0, "en"), Window(noise, 10.0, "es"), Window(noise, 30.0, "")]
    together = endless.hear(windows)
    for heard, (alone,) in zip(together, ([*endless.hear([one])] for one in windows), strict=True):
        assert said(heard) == said(alone)
        assert heard.mean_log_probability == pytest.approx(alone.mean_log_probability, abs=1e-3)
        assert heard.mean_log_probability < -1
    counts = [sum(len(text) for text in said(heard)) for heard in together]
    assert counts == sorted(counts)


def test_an_english_whisper_hears_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose vocabulary has no languages is never told a language."""
    monkeypatch.setitem(SIZES, "small", WhisperDims(64, 2, 1, 2, inner=64))
    save_random_whisper(tmp_path, "small")
    vocabulary = (tmp_path / "vocabulary.json").read_text(encoding="utf-8")
    (tmp_path / "vocabulary.json").write_text(vocabulary.replace('\n  "",', '\n  "|",'), encoding="utf-8")
    heard = load(tmp_path, languages="en").hear([Window(np.zeros(SECOND, np.int16), 5.0, "")])
    assert (heard[0].language, heard[0].language_probability) == ("en", 1)


class EncodedAtOnce:
    """A network that takes a batch as it is taken on a GPU, where what is encoded stays."""

    device = "cuda"

    def __init__(self, network: Any) -> None:
        self._network = network
        self.batch_sizes: list[int] = []
        self.copies = 0

    def encode(self, features: Any) -> "OnDevice":
        self.batch_sizes.append(features.shape[0])
        return OnDevice(self._network.encode(features), self)

    def generate(self, features: Any, *args: Any, **options: Any) -> Any:
        return self._network.generate(getattr(features, "view", features), *args, **options)

    def align(self, features: Any, *args: Any) -> Any:
        return self._network.align(getattr(features, "view", features), *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


class OnDevice:
    """What no processor can read before it is copied."""

    def __init__(self, view: Any, network: EncodedAtOnce) -> None:
        self.view = view
        self.shape = view.shape
        self._network = network

    def to_device(self, device: ctranslate2.Device) -> Any:
        self._network.copies += 1
        return self.view.to_device(device)


def test_a_gpu_encodes_a_batch_at_once(weights: Path) -> None:
    """And every window still gets its own answer."""
    at_once = load(weights)
    at_once._network = EncodedAtOnce(at_once._network)
    windows = [window([1, 2]), window([3, 4, 5], "fr"), window([4], "", phrases=("for",)), window([None])]
    assert [" ".join(said(heard)) for heard in at_once.hear(windows)] == ["one two", "trois quatre cinq", "bốn", ""]
    assert at_once._network.batch_sizes == [4]
    assert at_once._network.copies == 1


def test_what_a_gpu_has_encoded_stays_there(weights: Path) -> None:
    """Where all windows of a batch go through all steps together."""
    at_once = load(weights)
    at_once._network = EncodedAtOnce(at_once._network)
    assert [said(heard) for heard in at_once.hear([window([1]), window([2])])] == [["one"], ["two"]]
    assert at_once._network.copies == 0


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_told(weights: Path) -> None:
    """Processors do not take its place unasked."""
    place = Placement({**PARAMETERS, "compute_type_gpu": "float16", "weights": str(weights)}, "cuda", 0, 1)
    with pytest.raises((RuntimeError, ValueError), match=r"(?i)cuda|gpu"):
        load_sibling("asr_whisper", "ct2_whisper").load_whisper(place)


def test_weights_of_true_size_load(tmp_path: Path) -> None:
    """In the precision that processors have, with as many mel bands as they say."""
    save_random_whisper(tmp_path, "tiny")
    tiny = load(tmp_path, compute_type_cpu="int8", tokens_per_second="1")
    tiny.warm_up([1])
    (heard,) = tiny.hear([window([1, 2], "")])
    assert heard.words


def test_languages_that_whisper_lacks_are_told_at_once(weights: Path) -> None:
    """Not when somebody speaks them."""
    with pytest.raises(ValueError, match="no language 'tlh'"):
        load(weights, languages="en tlh")
