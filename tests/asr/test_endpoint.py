from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from hypothesis import given
from hypothesis import strategies as st

from asr.endpoint import FRAME_SAMPLES, Endpointer, EndpointOptions, SegmentEnd, Stretch

F = FRAME_SAMPLES
OPTIONS = EndpointOptions(
    pre_roll_samples=2 * F,
    pause_samples=5 * F,
    breath_samples=2 * F,
    max_samples=30 * F,  # so 18 are long, and the last 7 are looked through for the calmest place
    post_roll_samples=3 * F,
)


Found = tuple[int, int | None, SegmentEnd | None]
"""A stretch in frames since the start."""


@dataclass
class Reader:
    """Reads probabilities, and again from where a stretch was cut."""

    probabilities: Sequence[float]
    endpointer: Endpointer
    ended: list[tuple[int, Stretch]] = field(default_factory=list)
    """Stretches, each with the frames read when it ended."""
    read: Callable[[], None] = lambda: None
    """Called after each frame."""

    def run(self) -> Self:
        while (frame := self.endpointer.position // F) < len(self.probabilities):
            stretch = self.endpointer.receive_probability(self.probabilities[frame])
            if stretch is not None:
                self.ended.append((frame + 1, stretch))
            self.read()
        return self


def stretches(probabilities: Sequence[float]) -> list[Found]:
    """The stretches found; one that goes on comes last."""
    reader = Reader(probabilities, Endpointer(OPTIONS)).run()
    found: list[Found] = [(s.start_sample // F, s.end_sample // F, s.end) for _, s in reader.ended]
    start = reader.endpointer.speaking_from
    return found if start is None else [*found, (start // F, None, None)]


def test_speech_starts_before_it_is_sure() -> None:
    """A stretch reaches back before the first frame that was surely speech."""
    assert stretches([0] * 10 + [1, 1]) == [(8, None, None)]


def test_a_click_is_not_speech() -> None:
    """A single loud frame starts nothing."""
    assert stretches([0] * 5 + [1] + [0] * 5) == []


def test_a_pause_ends_speech() -> None:
    """A stretch ends after a pause, a little after its last sure frame."""
    assert stretches([0] * 10 + [1] * 8 + [0] * 5) == [(8, 21, SegmentEnd.PAUSE)]


def test_a_shorter_pause_does_not() -> None:
    """A pause between words is part of the stretch."""
    assert stretches([0] * 10 + [1] * 8 + [0] * 4 + [1] * 3) == [(8, None, None)]


def test_a_wavering_voice_stays_in_one_piece() -> None:
    """Speech goes on while it is above the lower threshold, though that would not start it."""
    assert stretches([1] * 3 + [0.4] * 10) == [(0, None, None)]
    assert stretches([0.4] * 10) == []


def test_a_long_stretch_is_cut_after_a_breath() -> None:
    """Once a stretch is long, speech that goes on after a short pause begins the next one."""
    assert stretches([1] * 18 + [0] * 2 + [1] * 2) == [(0, 20, SegmentEnd.MAX_DURATION), (20, None, None)]
    assert stretches([1] * 18 + [0] * 1 + [1] * 2) == [(0, None, None)]
    assert stretches([1] * 15 + [0] * 2 + [1] * 2) == [(0, None, None)]


def test_a_long_stretch_ends_in_a_pause() -> None:
    """Whoever stops after a long stretch has paused, not taken a breath."""
    assert stretches([1] * 18 + [0] * 5) == [(0, 21, SegmentEnd.PAUSE)]


def test_what_is_long_follows_the_longest() -> None:
    """A breath cuts after three fifths of the longest stretch; the calmest place is looked for in at most 3 s."""
    lengths = [(o.long_samples, o.calm_samples) for o in (EndpointOptions(), EndpointOptions(max_samples=60 * 16_000))]
    assert lengths == [(12 * 16_000, 3 * 16_000), (36 * 16_000, 3 * 16_000)]
    assert EndpointOptions(max_samples=2 * 16_000).calm_samples == 8_000


def test_endless_speech_is_cut_at_its_calmest_place() -> None:
    """Speech without a pause is cut in its last part where it is calmest, and the next stretch begins there."""
    calm_at = [0.9] * 26 + [0.6, 0.5] + [0.9] * 9
    assert stretches(calm_at) == [(0, 27, SegmentEnd.MAX_DURATION), (27, None, None)]
    assert stretches([0.5, *[0.9] * 32]) == [(0, 29, SegmentEnd.MAX_DURATION), (29, None, None)]


def test_a_pause_at_the_greatest_length_is_not_read_again() -> None:
    """A stretch that becomes too long in a pause ends where its speech does."""
    reader = Reader([1] * 26 + [0] * 4, Endpointer(OPTIONS)).run()
    assert reader.ended == [(30, Stretch(0, 29 * F, SegmentEnd.MAX_DURATION))]
    assert reader.endpointer.position == 30 * F


def test_the_next_stretch_does_not_reach_into_the_one_before() -> None:
    """The reach back of a stretch stops at the end of the one before."""
    assert stretches([1] * 5 + [0] * 5 + [1] * 2) == [(0, 8, SegmentEnd.PAUSE), (8, None, None)]


def test_tones_are_not_surely_a_voice() -> None:
    """Evidence adds up while it goes on, is lost in what is not speech, and counts for one stretch only."""
    sure: list[int | None] = []
    endpointer = Endpointer(OPTIONS)
    for probability in [0.7] * 5 + [0.3] * 4 + [0.9] * 6:
        endpointer.receive_probability(probability)
        sure.append(endpointer.sure_sample)
    assert sure[:-1] == [None] * 14
    assert sure[-1] == 15 * F
    endpointer.end_here(SegmentEnd.FLUSH)
    assert endpointer.sure_sample is None


def test_who_lowers_the_threshold_trusts_quiet_voices() -> None:
    """Below the usual threshold it is the one asked for that evidence is measured by."""
    assert [EndpointOptions(start_threshold=threshold).doubt for threshold in (0.2, 0.5, 0.9)] == [0.2, 0.5, 0.5]


def test_can_be_ended_by_hand() -> None:
    """A stretch ends where it is told to, and ending nothing does nothing."""
    endpointer = Endpointer(OPTIONS)
    assert endpointer.end_here(SegmentEnd.FLUSH) is None
    endpointer.receive_probability(1)
    endpointer.receive_probability(1)
    assert endpointer.end_here(SegmentEnd.FLUSH) == Stretch(0, 2 * F, SegmentEnd.FLUSH)
    assert endpointer.speaking_from is None


def test_what_was_calmest_does_not_end_by_hand() -> None:
    """In its last part a stretch that is ended by hand goes to the last frame read, though it would be cut before."""
    reader = Reader([1] * 25 + [0.5] + [1] * 2, Endpointer(OPTIONS)).run()
    assert reader.endpointer.heard_until == 26 * F
    assert reader.endpointer.end_here(SegmentEnd.FLUSH) == Stretch(0, 28 * F, SegmentEnd.FLUSH)


def test_begins_anywhere() -> None:
    """Stretches are counted from the session's first sample."""
    endpointer = Endpointer(OPTIONS, 100 * F)
    for probability in [0] * 10 + [1, 1]:
        endpointer.receive_probability(probability)
    assert endpointer.speaking_from == 108 * F


heard = st.lists(st.sampled_from([0.0, 0.4, 0.6, 1.0]), max_size=200)
speeches = st.lists(st.tuples(st.sampled_from([0.0, 0.4, 0.6, 1.0]), st.integers(1, 30)), max_size=9).map(
    lambda runs: [probability for probability, frames in runs for _ in range(frames)]
)
probability_lists = heard | speeches


@given(probability_lists)
def test_nothing_starts_where_silence_was_told(probabilities: list[float]) -> None:
    """What was told to be silent only grows, and no later stretch starts before it."""
    told = [0]
    endpointer = Endpointer(OPTIONS)

    def read() -> None:
        if endpointer.speaking_from is None:
            told.append(endpointer.silent_until)
        else:
            assert endpointer.speaking_from >= told[-1]

    Reader(probabilities, endpointer, read=read).run()
    assert told == sorted(told)


@given(probability_lists)
def test_stretches_never_overlap(probabilities: list[float]) -> None:
    """Stretches follow one another, are never empty and never longer than allowed."""
    end = 0
    for start, stretch_end, _ in stretches(probabilities):
        assert start >= end
        end = len(probabilities) if stretch_end is None else stretch_end
        assert 0 < end - start <= 30


@given(probability_lists)
def test_what_surely_belongs_only_grows(probabilities: list[float]) -> None:
    """While a stretch goes on, what is said to belong to it in any case only grows, and the stretch ends after it."""
    endpointer = Endpointer(OPTIONS)
    surely: list[tuple[int | None, int]] = []

    def read() -> None:
        surely.append((endpointer.speaking_from, endpointer.heard_until))

    reader = Reader(probabilities, endpointer, read=read).run()
    ends = {stretch.start_sample: stretch.end_sample for _, stretch in reader.ended}
    for start in {start for start, _ in surely if start is not None}:
        of_stretch = [until for other, until in surely if other == start]
        assert of_stretch == sorted(of_stretch)
        assert of_stretch[-1] <= ends.get(start, len(probabilities) * F)


@given(probability_lists)
def test_silence_needs_no_more_memory(probabilities: list[float]) -> None:
    """An endpointer that begins in the silence of another one finds the same stretches from there on."""
    endpointer = Endpointer(OPTIONS)
    silences: list[tuple[int, int]] = []

    def read() -> None:
        if endpointer.is_silent:
            silences.append((endpointer.silent_until, endpointer.position))

    whole = Reader(probabilities, endpointer, read=read).run().ended
    for silent_until, position in silences:
        again = Reader(probabilities, Endpointer(OPTIONS, silent_until, position)).run().ended
        assert again == [(read, stretch) for read, stretch in whole if stretch.start_sample >= silent_until]
