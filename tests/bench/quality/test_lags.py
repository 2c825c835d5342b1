from dataclasses import replace

import pytest

from bench.quality import lags
from bench.quality.session_log import Event, Sentence, Word
from tests.bench.quality.logs import log, speech, transcript, translation

WORDS = (Word("good", 1.0, 1.3), Word("morning", 1.3, 1.7))
"""Sent at 1.2 and 1.6 s."""
FINAL = transcript(2.5, "good morning", is_final=True, words=WORDS)


def near(*seconds: float | None) -> object:
    return pytest.approx(list(seconds))


def test_first_partial_counts_from_the_first_sound() -> None:
    """Words of the sentence before do not count, and a sentence that is never shown is told."""
    before = transcript(1.5, "", "goodbye", words=(Word("goodbye", 0.2, 0.8),))
    partial = transcript(1.6, "", "good", words=WORDS[:1])
    sentences = (Sentence("Good morning.", 1.0, 2.0), Sentence("Thanks.", 3.0, 4.0))
    assert list(lags.first_partials(log(before, partial, FINAL, sentences=sentences))) == near(0.7, None)


def test_words_without_places_count_by_their_segment() -> None:
    """Where a recognizer tells no times of words, the segment has to reach into the sentence."""
    sentences = (Sentence("Good morning.", 1.9, 2.2), Sentence("Thanks.", 2.0, 2.5))
    assert list(lags.first_partials(log(transcript(2.3, "", "good"), sentences=sentences))) == near(0.5, None)


def test_each_word_is_as_late_as_its_commit() -> None:
    """The first word is committed at 2.0 s, the other with the final."""
    session = log(transcript(1.6, "", "good"), transcript(2.0, "good", "morning"), FINAL)
    assert list(lags.transcript_commits(session)) == near(0.8, 0.9)


def test_a_word_with_a_space_is_two() -> None:
    """An engine's word may come as two words of text."""
    words = (Word("good morning", 1.0, 1.3), Word("all", 1.3, 1.7))
    session = log(
        transcript(2.0, "good", "morning all"), transcript(2.5, "good morning all", is_final=True, words=words)
    )
    assert list(lags.transcript_commits(session)) == near(1.3, 0.9)


def test_each_word_is_translated_by_the_commit_that_covers_it() -> None:
    """The first word is covered by the first clause, the other one by the final."""
    clause, final = translation(2.0, "bueno", source_end=1.3), translation(2.6, "buenos días", is_final=True)
    assert list(lags.translation_commits(log(clause, FINAL, final))) == near(0.8, 1.0)
    assert list(lags.translation_commits(log(FINAL, replace(final, source_end=1.7)))) == near(1.4, 1.0)


def test_without_a_translation_there_is_no_lag_of_it() -> None:
    """A segment whose translation failed is left out; its notice tells of it."""
    assert list(lags.translation_commits(log(FINAL))) == []


def test_first_audio_counts_from_the_commit_of_its_clause() -> None:
    """A clause ends where its commit ends; the chunks after its first, and those without sound, do not count."""
    translations = (
        translation(2.0, "buenos", source_end=1.3),
        translation(2.2, "buenos", "días", source_end=1.3),
        translation(2.6, "buenos días", is_final=True, source_end=1.7),
    )
    chunks = (
        speech(2.1, 0, 0.2, end=1.3),
        speech(2.4, 0, 0.2, end=1.3),
        speech(2.9, 1, 0.0, end=1.7),
        speech(3.0, 1, 0.2, end=1.7),
    )
    assert list(lags.first_audio(log(*translations, *chunks))) == near(0.1, 0.4)


def test_finals_count_from_the_end_of_their_segment() -> None:
    """The segment's end was sent at 1.9 s."""
    session = log(transcript(2.0, "good"), FINAL, translation(2.6, "buenos días", is_final=True))
    assert list(lags.finals(session, "transcript")) == near(0.6)
    assert list(lags.finals(session, "translation")) == near(0.7)


def test_slip_is_how_late_a_chunk_was_sent() -> None:
    """A chunk that was sent a moment early is not late."""
    session = log()
    late = replace(session, header=replace(session.header, sent=(0.0, 0.09, 0.35)))
    assert list(lags.pacing_slip(late)) == near(0.0, 0.0, 0.15)


def test_the_real_time_factor_counts_until_the_summary() -> None:
    """Five seconds of audio that were dealt with 0.5 s after the last of them was spoken."""
    session = log(Event(t=5.4, kind="summary"))
    assert lags.real_time_factor([session, session]) == pytest.approx(1.1)
