"""Texts as Riva's results."""

import pytest
from riva.client.proto import riva_asr_pb2

from gateway.riva.results import STABLE, UNSTABLE, results_of_transcript, results_of_translation
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, types_pb2
from livetranslate.wire import duration_of_seconds

WORD = types_pb2.Word(
    text="Hello", start_offset=duration_of_seconds(1.5), end_offset=duration_of_seconds(2), confidence=0.75
)


def revision(committed: str, unstable: str = "", *, is_final: bool = False) -> asr_pb2.TranscriptRevision:
    return asr_pb2.TranscriptRevision(
        committed_text=committed,
        unstable_text=unstable,
        is_final=is_final,
        words=[WORD],
        confidence=0.5,
        language_code="en",
        end_offset=duration_of_seconds(2),
    )


@pytest.mark.parametrize(
    ("committed", "unstable", "expected"),
    [
        ("Hello to", "all", [("Hello to ", STABLE), ("all", UNSTABLE)]),
        ("", "Hello", [("Hello", UNSTABLE)]),
        ("Hello", "", [("Hello", STABLE)]),
        ("今日は", "晴れ", [("今日は", STABLE), ("晴れ", UNSTABLE)]),
        ("", "", []),
    ],
)
def test_an_interim_has_a_stable_and_an_unstable_part(
    committed: str, unstable: str, expected: list[tuple[str, float]]
) -> None:
    """One behind the other they are the text."""
    results = results_of_transcript(revision(committed, unstable), has_interims=True, has_words=True)
    told = [(result.alternatives[0].transcript, result.stability) for result in results]
    assert told == [(text, pytest.approx(stability)) for text, stability in expected]
    assert not any(result.is_final or result.alternatives[0].words for result in results)
    assert results_of_transcript(revision(committed, unstable), has_interims=False, has_words=True) == []


def test_a_final_has_what_is_known_of_it() -> None:
    """Words are in milliseconds, and there where they are wished."""
    [result] = results_of_transcript(revision("Hello", is_final=True), has_interims=False, has_words=True)
    expected_word = riva_asr_pb2.WordInfo(
        word="Hello", start_time=1_500, end_time=2_000, confidence=0.75, language_code="en"
    )
    assert result == riva_asr_pb2.StreamingRecognitionResult(
        alternatives=[
            riva_asr_pb2.SpeechRecognitionAlternative(
                transcript="Hello ", confidence=0.5, words=[expected_word], language_code=["en"]
            )
        ],
        is_final=True,
        channel_tag=1,
        audio_processed=2.0,
    )
    [plain] = results_of_transcript(revision("Hello", is_final=True), has_interims=False, has_words=False)
    assert not plain.alternatives[0].words


def test_what_came_to_no_words_is_not_told() -> None:
    """Neither a transcript nor a translation."""
    assert results_of_transcript(revision("", is_final=True), has_interims=True, has_words=True) == []
    nothing = gateway_pb2.Translation(revision=mt_pb2.TranslationRevision(is_final=True))
    assert results_of_translation(nothing, has_interims=True) == []


def test_a_translation_is_told_in_its_language() -> None:
    """Where it ends in the audio it tells, too."""
    message = gateway_pb2.Translation(
        revision=mt_pb2.TranslationRevision(committed_text="Hola", is_final=True, language_code="es"),
        end_offset=duration_of_seconds(2),
    )
    [result] = results_of_translation(message, has_interims=False)
    assert (result.alternatives[0].transcript, list(result.alternatives[0].language_code)) == ("Hola ", ["es"])
    assert result.audio_processed == pytest.approx(2.0)
