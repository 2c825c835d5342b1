from collections.abc import Sequence

from asr.agreement import AgreementOptions
from asr.decoding import Decoding, Piece
from asr.hypothesis import Hypothesis, Word, text_of
from asr.sequence_decoding import SequenceDecoding, SequenceOptions

OPTIONS = SequenceOptions(AgreementOptions(partial_count=2, margin_samples=0, shown_margin_samples=0), 120, 100)


def decoding() -> Decoding:
    return SequenceDecoding(OPTIONS, 1_000)


def said(text: str) -> Hypothesis:
    """Words of ten samples each, from the segment's start on."""
    words = [Word(word, 1_000 + 10 * index, 1_010 + 10 * index) for index, word in enumerate(text.split())]
    return Hypothesis(tuple(words))


def texts(decoding: Decoding) -> Sequence[str]:
    return text_of(decoding.committed), text_of(decoding.unstable)


def answer(decoding: Decoding, text: str, end_sample: int | None = None) -> None:
    """Answers its next piece."""
    piece = decoding.next_piece(2_000, end_sample)
    assert piece
    decoding.receive(piece, said(text))


def test_steps_follow_one_another() -> None:
    """Each step starts where the one before ended, and all but the first are as long; audio before is not needed."""
    of_segment = decoding()
    assert of_segment.next_piece(1_350, None) == Piece(1_000, 1_120, is_start=True, is_end=False)
    assert of_segment.next_piece(1_350, None) == Piece(1_120, 1_220, is_start=False, is_end=False)
    assert of_segment.next_piece(1_350, None) == Piece(1_220, 1_320, is_start=False, is_end=False)
    assert of_segment.needed_from == 1_320


def test_a_step_waits_for_more_audio_than_it_takes() -> None:
    """While the end is not known, what might be the last step is not due."""
    of_segment = decoding()
    assert of_segment.next_piece(1_120, None) is None
    assert of_segment.next_piece(1_121, None) is not None


def test_the_rest_is_the_last_step() -> None:
    """Once the end is known the rest comes, in whole steps and at last what is left."""
    of_segment = decoding()
    assert of_segment.next_piece(1_400, 1_130) == Piece(1_000, 1_120, is_start=True, is_end=False)
    assert of_segment.next_piece(1_400, 1_130) == Piece(1_120, 1_130, is_start=False, is_end=True)


def test_words_are_committed_as_hypotheses_agree() -> None:
    """What two answers share is committed, and the last answer commits the rest."""
    of_segment = decoding()
    answer(of_segment, "good mourning")
    answer(of_segment, "good morning every")
    assert texts(of_segment) == ("good", "morning every")
    answer(of_segment, "good morning everyone", 1_250)
    assert texts(of_segment) == ("good morning everyone", "")


def test_a_failure_keeps_what_is_committed() -> None:
    """After a failure nothing is unstable any more."""
    of_segment = decoding()
    for text in ("good morning", "good morning", "good morning every"):
        answer(of_segment, text)
    of_segment.receive_failure()
    assert texts(of_segment) == ("good morning", "")
