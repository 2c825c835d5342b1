from bench.quality.figures import flat
from bench.quality.measures import measure, measure_nothing
from bench.quality.session_log import Event, Sentence, Word
from tests.bench.quality.logs import log, speech, transcript, translation

SAID = "We have three points on the list."
TRANSLATED = "Tenemos tres puntos en la lista."
WORDS = tuple(Word(word, 1.0, 2.0) for word in SAID.split())
EVENTS = (
    transcript(2.5, SAID, is_final=True, words=WORDS),
    translation(2.6, TRANSLATED, is_final=True),
    speech(2.7, 0, 1.0),
    Event(t=4.9, kind="summary"),
)


def same(texts: list[str]) -> list[str]:
    """An engine that knows one sentence."""
    assert set(texts) == {SAID}
    return [TRANSLATED for _ in texts]


def test_a_perfect_session_has_perfect_figures() -> None:
    """No errors, nothing taken back, and as good a translation as the engine can give."""
    told = measure([log(*EVENTS, sentences=(Sentence(SAID, 1.0, 2.0, TRANSLATED),))], same)
    numbers = flat(told.figures)
    for perfect in ("word_error_rate", "sentences_never_shown", "transcript_erasure_shown", "notices"):
        assert numbers[perfect] == 0
    assert numbers["bleu"] == numbers["bleu_of_true_transcript"] == 100
    assert numbers["bleu_share"] == 1
    assert numbers["transcript_commit_lag_seconds.p50"] == 0.6
    assert numbers["first_audio_seconds.p95"] == 0.1
    assert numbers["real_time_factor"] == 1
    assert len(told.signatures) == 2


def test_without_references_translations_have_no_score() -> None:
    """Their lags and their steadiness are told all the same."""
    told = measure([log(*EVENTS, sentences=(Sentence(SAID, 1.0, 2.0),))], same)
    assert "bleu" not in told.figures
    assert "translation_commit_lag_seconds" in told.figures
    assert told.signatures == ()


def test_where_nobody_speaks_words_are_counted() -> None:
    """The one figure that matters is how many words were made up."""
    told = measure_nothing([log(transcript(1.5, "", "oh my"), Event(t=4.9, kind="summary"))])
    assert told.figures == {"words_shown": 2, "real_time_factor": 1}
