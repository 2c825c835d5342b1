import json
from pathlib import Path

import ctranslate2
import pytest
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer as FasterTokenizer

from bench.weights.whisper import save_random_whisper, save_tone_whisper
from bench.weights.whisper_tensors import SIZES, WhisperDims, shapes
from bench.weights.whisper_tokens import make_tokenizer
from bench.weights.whisper_tones import TONE_LANGUAGES, WORDS, tone_audio
from livetranslate.weights import damage, read_weights


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "whisper-tones"
    save_tone_whisper(folder)
    return folder


@pytest.mark.parametrize("language", TONE_LANGUAGES)
def test_another_engine_hears_the_same(tones: Path, language: str) -> None:
    """What faster-whisper makes of the files is the number of each half second, in the language that was asked for."""
    model = WhisperModel(str(tones), compute_type="float32", cpu_threads=1)
    audio = tone_audio([9, 0, 5]).astype("float32") / 32_768
    segments, _ = model.transcribe(audio, language=language, without_timestamps=True, temperature=0, beam_size=1)
    expected = [WORDS[language][number] for number in (9, 0, 5)]
    assert "".join(segment.text for segment in segments).split() == expected


def test_weights_describe_themselves(tones: Path) -> None:
    """As they have to for the stack to serve them."""
    weights = read_weights(tones)
    assert (weights.model_name, weights.engine, weights.profiles) == (
        "asr_whisper_tones",
        "asr_whisper",
        ("cpu", "gpu"),
    )
    assert damage(weights) is None


@pytest.mark.parametrize(("vocabulary", "languages"), [(51_865, 99), (51_866, 100)])
def test_special_tokens_are_where_whisper_has_them(vocabulary: int, languages: int) -> None:
    """With as many languages as the two vocabularies of multilingual models have."""
    tokenizer = make_tokenizer(vocabulary)
    assert tokenizer.get_vocab_size() == vocabulary
    theirs = FasterTokenizer(tokenizer, multilingual=True, task="transcribe", language="en")
    assert (theirs.eot, theirs.sot, theirs.language) == (50_257, 50_258, 50_259)
    assert (theirs.translate, theirs.transcribe) == (50_259 + languages, 50_260 + languages)
    assert theirs.timestamp_begin == 50_265 + languages
    assert tokenizer.token_to_id("Ġ") == 220
    assert tokenizer.decode(tokenizer.encode(" Hello — ça va?", add_special_tokens=False).ids) == " Hello — ça va?"


@pytest.mark.parametrize(("size", "millions"), [("tiny", 38), ("base", 73), ("small", 242), ("large-v3-turbo", 809)])
def test_dimensions_are_the_real_ones(size: str, millions: int) -> None:
    """There are as many numbers as the real models have, the embeddings counted once."""
    count = sum(
        shape[0] * (shape[1] if len(shape) > 1 else 1) * (shape[2] if len(shape) > 2 else 1)
        for name, shape in shapes(SIZES[size]).items()
        if name != "proj_out.weight"
    )
    assert count // 1_000_000 == pytest.approx(millions, abs=1)


def test_random_weights_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the mel bands and languages of their size."""
    monkeypatch.setitem(SIZES, "small", WhisperDims(32, 2, 2, 2, mels=128, vocabulary=51_866, inner=32))
    save_random_whisper(tmp_path / "whisper-noise", "small")
    assert damage(read_weights(tmp_path / "whisper-noise")) is None
    network = ctranslate2.models.Whisper(str(tmp_path / "whisper-noise"), compute_type="int8")
    assert (network.n_mels, network.num_languages, network.is_multilingual) == (128, 100, True)
    config = json.loads((tmp_path / "whisper-noise" / "config.json").read_text(encoding="utf-8"))
    assert config["alignment_heads"] == [[1, 0], [1, 1]]
