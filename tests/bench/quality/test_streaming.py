import pytest

from bench.quality.session_log import Event, Sentence
from bench.quality.streaming import StreamingError, streaming
from tests.bench.quality.logs import log

SENTENCES = (
    Sentence("Good morning everyone", 0.0, 1.0, "Buenos días todos"),
    Sentence("Thank you", 1.0, 2.0, "Gracias amigos"),
)


def translation(t: float, segment_id: str, committed: str, *, is_final: bool = False) -> Event:
    return Event(t=t, kind="translation", segment_id=segment_id, committed=committed, is_final=is_final)


def test_a_stream_is_cut_into_the_sentences_of_the_references() -> None:
    """Both sentences came as one segment, and are scored one by one."""
    words = "Buenos días todos Gracias amigos"
    told = streaming([log(translation(1.5, "1", words, is_final=True), sentences=SENTENCES)])
    assert told.translations == ("Buenos días todos", "Gracias amigos")
    assert told.references == ("Buenos días todos", "Gracias amigos")


def test_lags_are_those_of_the_commits() -> None:
    """Three words of a first second, all committed half a second after its end.

    YAAL (Polák et al. 2025) takes from each word's time the time at which an ideal translator, who speaks evenly
    over the sentence, says it: 0, 1/3 and 2/3 s. So it is 1.5 - 1/3 s. LAAL ends at the first word that comes after
    the sentence, here the first: 1.5 s. The second sentence, committed after the recording, counts only in LAAL,
    2.5 s after its beginning.
    """
    events = (
        translation(1.4, "1", "Buenos días todos", is_final=True),
        translation(3.4, "2", "Gracias amigos", is_final=True),
    )
    told = streaming([log(*events, sentences=SENTENCES)])
    assert told.long_yaal_seconds == pytest.approx(1.5 - 1 / 3, abs=0.001)
    assert told.stream_laal_seconds == pytest.approx((1.5 + 2.5) / 2, abs=0.001)


def test_clauses_are_earlier_than_segments() -> None:
    """A word counts from the revision that committed it, not from the final."""
    final = translation(1.4, "1", "Buenos días todos", is_final=True)
    early = translation(0.4, "1", "Buenos días")
    lags = [streaming([log(*events, sentences=SENTENCES)]).long_yaal_seconds for events in ((final,), (early, final))]
    assert lags == [pytest.approx(1.5 - 1 / 3, abs=0.001), pytest.approx((0.5 + 0.5 + 1.5 - 1) / 3, abs=0.001)]


def test_a_session_without_translations_has_no_lag() -> None:
    """The sentences are there, empty."""
    told = streaming([log(sentences=SENTENCES)])
    assert told.translations == ("", "")
    assert told.long_yaal_seconds is None
    assert told.stream_laal_seconds is None


def test_what_cannot_be_evaluated_is_told() -> None:
    """The message is what the program said."""
    two_lines = SENTENCES[0]._replace(translation="one\ntwo")
    with pytest.raises(StreamingError, match="do not match"):
        streaming([log(sentences=(two_lines,))])
