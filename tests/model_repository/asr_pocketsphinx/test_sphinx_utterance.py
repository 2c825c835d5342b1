import wave
from pathlib import Path
from typing import Any

import pytest

from tests.model_repository.flite import say
from tests.model_repository.loading import load_sibling

sphinx_utterance = load_sibling("asr_pocketsphinx", "sphinx_utterance")

TALK = Path(__file__).parents[4] / "shared" / "data" / "talk"
SENTENCE = "Good morning everyone"


@pytest.fixture(scope="module")
def decoder() -> Any:
    return sphinx_utterance.load_decoder()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sentence as s16le samples at 16 kHz."""
    return say(SENTENCE, tmp_path_factory.mktemp("speech"))


def recognize(decoder: Any, audio: bytes, chunk_ms: int, state: bytes = b"") -> tuple[list[Any], bytes]:
    utterance = sphinx_utterance.Utterance(decoder, state)
    size = chunk_ms * 32
    for start in range(0, len(audio), size):
        utterance.hear(audio[start : start + size])
    words, after = utterance.end()
    return list(words), bytes(after)


def test_a_sentence_is_recognized_with_times_and_confidences(decoder: Any, speech: bytes) -> None:
    """The words come in order, inside the audio, each with a probability."""
    words, _ = recognize(decoder, speech, 100)
    assert [word.text for word in words] == SENTENCE.lower().split()
    bounds = [bound for word in words for bound in (word.start_sample, word.end_sample)]
    assert bounds == sorted(bounds)
    assert bounds[-1] <= len(speech) // 2
    assert all(0 < word.confidence <= 1 for word in words)


def test_words_appear_while_the_sentence_is_spoken(decoder: Any, speech: bytes) -> None:
    """Before the end there is a hypothesis already, without confidence."""
    utterance = sphinx_utterance.Utterance(decoder, b"")
    words = utterance.hear(speech[: len(speech) * 3 // 4])
    utterance.abandon()
    assert words[0].text == "good"
    assert words[0].confidence == 0


def test_words_and_state_depend_on_audio_and_state_alone(decoder: Any, speech: bytes) -> None:
    """Neither the size of the chunks nor what the decoder heard before makes a difference."""
    first = recognize(decoder, speech, 100)
    recognize(decoder, speech[::-1], 100, b"40,3,-1,0,0,0,0,0,0,0,0,0,0")
    assert recognize(decoder, speech, 370) == first
    assert recognize(sphinx_utterance.load_decoder(), speech, 7) == first


def test_the_state_after_an_utterance_begins_the_next(decoder: Any, speech: bytes) -> None:
    """It is accepted as it is, and moves on with each utterance."""
    _, state = recognize(decoder, speech, 100)
    words, later = recognize(decoder, speech, 100, state)
    assert words
    assert later != state


@pytest.mark.parametrize("state", [b"abc", b"1,2,3", b"nan" + b",1" * 12, b"1" + b",1" * 13])
def test_a_state_of_another_model_is_refused(decoder: Any, state: bytes) -> None:
    """What is no cepstral mean never reaches the decoder."""
    with pytest.raises(sphinx_utterance.StateError):
        sphinx_utterance.Utterance(decoder, state)


@pytest.mark.parametrize("audio", [b"", b"\0\0", bytes(32_000)])
def test_audio_without_speech_has_no_words(decoder: Any, audio: bytes) -> None:
    """Nothing, a single sample and a second of silence are recognized as nothing."""
    words, state = recognize(decoder, audio, 100)
    assert words == []
    assert state


@pytest.mark.slow
def test_the_talk_is_recognized_well(decoder: Any) -> None:
    """At most 8 % of the words of the 95 s of speech are wrong."""
    if not TALK.exists():
        pytest.skip("the optional data folder ../shared/data/talk is not there")
    jiwer = pytest.importorskip("jiwer")
    references, hypotheses, state = [], [], b""
    for row in (TALK / "talk.tsv").read_text().splitlines()[1:]:
        name, _, english, _ = row.split("\t")
        with wave.open(str(TALK / f"{name}.wav")) as file:
            words, state = recognize(decoder, file.readframes(file.getnframes()), 100, state)
        references.append("".join(letter for letter in english.lower() if letter.isalpha() or letter in " '"))
        hypotheses.append(" ".join(word.text for word in words))
    assert jiwer.wer(references, hypotheses) <= 0.08
