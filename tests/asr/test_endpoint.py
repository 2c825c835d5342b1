from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from asr.endpoint import FRAME_SAMPLES, Endpointer, EndpointOptions, Stretch

F = FRAME_SAMPLES
OPTIONS = EndpointOptions(
    pre_roll_samples=2 * F,
    pause_samples=5 * F,
    short_pause_samples=2 * F,
    long_samples=20 * F,
    max_samples=30 * F,
    post_roll_samples=3 * F,
)


def stretches(probabilities: Iterable[float], start_sample: int = 0) -> list[Stretch]:
    """The stretches found, in frames since the start; one that goes on comes last."""
    endpointer = Endpointer(OPTIONS, start_sample)
    ended = [endpointer.receive_probability(probability) for probability in probabilities]
    found = [stretch for stretch in [*ended, endpointer.current] if stretch]
    return [Stretch(s.start_sample // F, s.end_sample // F if s.end_sample is not None else None) for s in found]


def test_speech_starts_before_it_is_sure() -> None:
    """A stretch reaches back before the first frame that was surely speech."""
    assert stretches([0] * 10 + [1, 1]) == [Stretch(8)]


def test_a_click_is_not_speech() -> None:
    """A single loud frame starts nothing."""
    assert stretches([0] * 5 + [1] + [0] * 5) == []


def test_a_pause_ends_speech() -> None:
    """A stretch ends after a pause, a little after its last sure frame."""
    assert stretches([0] * 10 + [1] * 8 + [0] * 5) == [Stretch(8, 21)]


def test_a_shorter_pause_does_not() -> None:
    """A pause between words is part of the stretch."""
    assert stretches([0] * 10 + [1] * 8 + [0] * 4 + [1] * 3) == [Stretch(8)]


def test_a_wavering_voice_stays_in_one_piece() -> None:
    """Speech goes on while it is above the lower threshold, though that would not start it."""
    assert stretches([1] * 3 + [0.4] * 10) == [Stretch(0)]
    assert stretches([0.4] * 10) == []


def test_a_long_stretch_ends_at_a_breath() -> None:
    """Once a stretch is long, a short pause ends it."""
    assert stretches([1] * 20 + [0] * 2) == [Stretch(0, 22)]


def test_endless_speech_is_cut() -> None:
    """Speech without a pause is cut at the greatest length, and the next stretch follows at once."""
    assert stretches([1] * 33) == [Stretch(0, 30), Stretch(30)]


def test_the_next_stretch_does_not_reach_into_the_one_before() -> None:
    """The reach back of a stretch stops at the end of the one before."""
    assert stretches([1] * 5 + [0] * 5 + [1] * 2) == [Stretch(0, 8), Stretch(8)]


def test_can_be_ended_by_hand() -> None:
    """A stretch ends where it is told to, and ending nothing does nothing."""
    endpointer = Endpointer(OPTIONS)
    assert endpointer.end_here() is None
    endpointer.receive_probability(1)
    endpointer.receive_probability(1)
    assert endpointer.end_here() == Stretch(0, 2 * F)
    assert endpointer.current is None


def test_begins_anywhere() -> None:
    """Stretches are counted from the session's first sample."""
    assert stretches([0] * 10 + [1, 1], start_sample=100 * F) == [Stretch(108)]


@given(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=120))
def test_nothing_starts_where_silence_was_told(probabilities: list[float]) -> None:
    """What was told to be silent only grows, and no later stretch starts before it."""
    endpointer = Endpointer(OPTIONS)
    silent_until = 0
    for probability in probabilities:
        was_open = endpointer.current is not None
        endpointer.receive_probability(probability)
        if endpointer.current is not None:
            assert was_open or endpointer.current.start_sample >= silent_until
            continue
        assert endpointer.silent_until >= silent_until
        silent_until = endpointer.silent_until


@given(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=200))
def test_stretches_never_overlap(probabilities: list[float]) -> None:
    """Stretches follow one another, are never empty and never longer than allowed."""
    end = 0
    for stretch in stretches(probabilities):
        assert stretch.start_sample >= end
        end = len(probabilities) if stretch.end_sample is None else stretch.end_sample
        assert 0 < end - stretch.start_sample <= 30


@given(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=120))
def test_silence_needs_no_more_memory(probabilities: list[float]) -> None:
    """An endpointer that begins in the silence of another one finds the same stretches from there on."""
    endpointer = Endpointer(OPTIONS)
    whole = [endpointer.receive_probability(probability) for probability in probabilities]
    endpointer = Endpointer(OPTIONS)
    for count, probability in enumerate(probabilities, 1):
        endpointer.receive_probability(probability)
        if endpointer.is_silent:
            again = Endpointer(OPTIONS, endpointer.silent_until, count * F)
            assert [again.receive_probability(probability) for probability in probabilities[count:]] == whole[count:]
