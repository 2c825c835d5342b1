import sys
from typing import Any

import numpy as np
import pytest

from tests.model_repository.loading import load_sibling

espeak_library = load_sibling("tts_espeak", "espeak_library")


@pytest.fixture(scope="module")
def espeak() -> Any:
    return espeak_library.Espeak(200)


def speak(espeak: Any, text: str, chunk_limit: int = sys.maxsize) -> list[bytes]:
    chunks: list[bytes] = []

    def emit(chunk: bytes) -> bool:
        chunks.append(chunk)
        return len(chunks) < chunk_limit

    espeak.speak(text, emit)
    return chunks


def duration_seconds(espeak: Any, text: str) -> float:
    return len(b"".join(speak(espeak, text))) / 2 / float(espeak.sample_rate_hertz)


def test_a_sentence_is_spoken_aloud(espeak: Any) -> None:
    """A Spanish greeting takes about a second and is no silence."""
    espeak.set_voice("es")
    espeak.set_rate(175)
    assert 0.8 < duration_seconds(espeak, "Buenos días a todos") < 2.5
    samples = np.frombuffer(b"".join(speak(espeak, "Buenos días a todos")), np.int16)
    assert np.abs(samples).max() > 1000


@pytest.mark.parametrize("text", ["Buenos días", "¿Qué hacemos?", "y entonces, hablamos de ello,", "Sí. No."])
def test_no_pauses_surround_a_text(espeak: Any, text: str) -> None:
    """Clauses that follow one another sound like one text: there is next to no silence before and after each."""
    espeak.set_voice("es")
    espeak.set_rate(175)
    loud = np.flatnonzero(np.abs(np.frombuffer(b"".join(speak(espeak, text)), np.int16)) > 50)
    assert loud[0] / espeak.sample_rate_hertz < 0.06
    assert duration_seconds(espeak, text) - loud[-1] / espeak.sample_rate_hertz < 0.02


def test_a_faster_rate_takes_less_time(espeak: Any) -> None:
    """Twice the words a minute take clearly less than the time."""
    espeak.set_voice("es")
    espeak.set_rate(175)
    ordinary = duration_seconds(espeak, "Tenemos tres opciones para mañana")
    espeak.set_rate(350)
    assert duration_seconds(espeak, "Tenemos tres opciones para mañana") < 0.7 * ordinary


def test_speaking_stops_when_nobody_wants_more(espeak: Any) -> None:
    """After `emit` says no, no further chunk comes."""
    assert len(speak(espeak, "Tenemos tres opciones. " * 50, chunk_limit=3)) == 3


def test_the_voices_are_listed_by_the_names_that_choose_them(espeak: Any) -> None:
    """Spanish and French are there, and each listed voice can be set."""
    names = set(espeak.voice_names())
    assert {"es", "es-419", "fr", "en-US", "ca"} <= names
    for name in names:
        espeak.set_voice(name)


def test_an_unknown_voice_is_refused(espeak: Any) -> None:
    """The error names the voice."""
    with pytest.raises(espeak_library.EspeakError, match="nobody"):
        espeak.set_voice("nobody")


@pytest.mark.parametrize("text", ["", " ", "\0", "😀", "<speak>", "[[x"])
def test_text_without_words_harms_nothing(espeak: Any, text: str) -> None:
    """The voice speaks what it can, and is ready for the next text."""
    espeak.set_voice("en-US")
    speak(espeak, text)
    assert duration_seconds(espeak, "hello") > 0.1
