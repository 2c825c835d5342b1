from bench.quality.session_log import Sentence
from bench.quality.word_errors import word_error_rate
from tests.bench.quality.logs import log, transcript


def test_one_word_in_four_is_wrong() -> None:
    """Case, punctuation and the way a number is written are no errors; another word is."""
    said = (Sentence("We have twenty books.", 1.0, 2.0),)
    assert word_error_rate([log(transcript(2.5, "we have 20 books", is_final=True), sentences=said)]) == 0
    assert word_error_rate([log(transcript(2.5, "we had twenty books", is_final=True), sentences=said)]) == 0.25


def test_what_was_not_heard_is_missing() -> None:
    """A session without any text has all its words wrong; without a reference there is nothing to compare."""
    assert word_error_rate([log(sentences=(Sentence("Good morning.", 1.0, 2.0),))]) == 1
    assert word_error_rate([log()]) is None
