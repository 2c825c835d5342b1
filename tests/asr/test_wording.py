"""What becomes of recognized words."""

from collections.abc import Sequence
from dataclasses import dataclass

from asr.decoding import Piece
from asr.endpoint import SegmentEnd, Stretch
from asr.hypothesis import Hypothesis, Word, text_of
from asr.memory import Memory
from asr.pace import CLOSELY, Pace
from asr.wording import SegmentWording, Wording, WordingOptions
from asr.writing import Writer

ENGLISH = WordingOptions(("en",), Writer())
BOTH = WordingOptions(("en", "es"))
LONG = "long enough to be told"


@dataclass
class Decoded:
    """A decoding (a `Decoding`) that has come as far as it says."""

    committed: Sequence[Word] = ()
    unstable: Sequence[Word] = ()
    needed_from: int = 0

    def next_piece(self, limit_sample: int, end_sample: int | None, pace: Pace = CLOSELY) -> Piece | None:
        raise NotImplementedError

    def receive(self, piece: Piece, hypothesis: Hypothesis) -> None:
        raise NotImplementedError

    def receive_failure(self) -> None:
        raise NotImplementedError


def words(text: str) -> list[Word]:
    return [Word(word, 0, 1) for word in text.split()]


def said(language: str, probability: float = 0.99) -> Hypothesis:
    return Hypothesis((), language=language, language_probability=probability)


def final(segment: SegmentWording, text: str, end: SegmentEnd, end_sample: int = 500) -> str:
    """The final text of a segment that is then left."""
    stretch = Stretch(0, end_sample, end)
    committed, unstable = segment.shown(Decoded(words(text)), stretch, is_final=True)
    segment.leave(committed, stretch)
    assert not unstable
    return text_of(committed)


def test_a_sentence_that_was_cut_goes_on_in_the_next_segment() -> None:
    """If that one begins where the first was cut; also after a break, and through one in which nothing was heard."""
    session = Wording(ENGLISH, 0, Memory())
    assert final(SegmentWording(session, 0), "we go", SegmentEnd.MAX_DURATION, 500) == "We go"
    assert not session.remembered(Memory(), 499).is_sentence_open
    memory = session.remembered(Memory(7), 500)
    assert memory == Memory(7, language="en", is_sentence_open=True)
    session = Wording(ENGLISH, 500, memory)
    assert final(SegmentWording(session, 500), "", SegmentEnd.MAX_DURATION, 600) == ""
    assert final(SegmentWording(session, 600), "on and on", SegmentEnd.PAUSE) == "on and on."
    assert final(SegmentWording(session, 700), "is it", SegmentEnd.FLUSH) == "Is it?"


def test_after_a_pause_a_new_sentence_begins() -> None:
    """Though the one before was cut."""
    session = Wording(ENGLISH, 0, Memory())
    final(SegmentWording(session, 0), "we go", SegmentEnd.MAX_DURATION, 500)
    assert final(SegmentWording(session, 501), "on", SegmentEnd.AUDIO_END) == "On."


def test_a_segment_that_failed_ends_no_sentence() -> None:
    """Where it would have ended is not known."""
    segment = SegmentWording(Wording(ENGLISH, 0, Memory()), 0)
    segment.give_up()
    assert text_of(segment.shown(Decoded(words("we go")), None, is_final=True)[0]) == "We go"


def test_what_a_model_writes_itself_is_left_alone() -> None:
    """Without a writer there is nothing to add."""
    segment = SegmentWording(Wording(WordingOptions(("en",)), 0, Memory()), 0)
    assert final(segment, "we GO i", SegmentEnd.PAUSE) == "we GO i"


def test_nothing_is_committed_before_the_language_is_decided() -> None:
    """It is shown as unstable meanwhile; afterwards the language stays."""
    segment = SegmentWording(Wording(BOTH, 0, Memory(language="en")), 0)
    decoding = Decoded(words("hola"), words("a todos"))
    assert not segment.receive(said("es"), decoding, told="", is_end=False)
    assert (segment.decided, segment.language, segment.is_change) == ("", "en", False)
    assert segment.shown(decoding, None, is_final=False) == ((), (*words("hola a todos"),))
    decoding.unstable = words(LONG)
    assert not segment.receive(said("es"), decoding, told="", is_end=False)
    assert (segment.decided, segment.language, segment.is_change) == ("es", "es", True)
    assert text_of(segment.shown(decoding, None, is_final=False)[0]) == "hola"
    assert not segment.receive(said("en"), decoding, told="", is_end=True)
    assert segment.decided == "es"


def test_what_was_heard_in_another_language_is_decoded_anew() -> None:
    """Once, in the language decided upon; what the model then says of it is no news."""
    session = Wording(BOTH, 0, Memory(language="en"))
    segment, decoding = SegmentWording(session, 0), Decoded(words(LONG))
    assert segment.receive(said("pt"), decoding, told="", is_end=True)
    assert segment.decided == "en"
    assert not segment.receive(said("en"), decoding, told="en", is_end=True)
    assert segment.leave(decoding.committed, None) == "pt"
    assert session.remembered(Memory(), 0) == Memory(language="en", other_language="pt")


def test_where_nothing_was_said_nothing_is_decoded_anew() -> None:
    """And nothing is learned of it; an answer that is missing says nothing either."""
    session = Wording(BOTH, 0, Memory(language="en"))
    segment = SegmentWording(session, 0)
    assert not segment.receive(Hypothesis((), is_missing=True), Decoded(words(LONG)), told="", is_end=False)
    assert not segment.receive(said("es"), Decoded(), told="", is_end=True)
    assert segment.leave((), None) == ""
    assert session.remembered(Memory(), 0) == Memory(language="en")


def test_a_segment_that_fails_is_in_the_language_it_seemed_to_be() -> None:
    """What is committed of it has one."""
    segment = SegmentWording(Wording(BOTH, 0, Memory()), 0)
    assert not segment.receive(said("es", 0.6), Decoded(words("hola")), told="", is_end=False)
    segment.give_up()
    assert segment.decided == "es"
