"""The audio that asr may have to hear again."""

from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.backlog import GATHERED_SAMPLES, MAX_SAMPLES, MESSAGE_SAMPLES, Backlog, Flush
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ, samples_of_ms
from tests.gateway.world.speech import audio

SECOND = SAMPLE_RATE_HERTZ


def heard(backlog: Backlog, *, is_ending: bool = False) -> list[bytes | Flush]:
    """Everything that leaves now."""
    pieces = []
    while (piece := backlog.next_piece(is_ending=is_ending)) is not None:
        pieces.append(piece)
    return pieces


def test_a_range_can_be_read_as_far_as_it_is_here() -> None:
    """Whoever hears of a segment late gets what has not been dropped."""
    backlog = Backlog()
    backlog.append(audio(0, 3 * SECOND))
    assert backlog.read(SECOND, 2 * SECOND) == audio(SECOND, 2 * SECOND)
    backlog.forget_before(SECOND)
    assert backlog.read(0, 4 * SECOND) == audio(SECOND, 3 * SECOND)
    assert backlog.read(0, SECOND // 2) == b""


def test_little_audio_waits_for_more() -> None:
    """Less than 100 ms leaves only at the end."""
    backlog = Backlog()
    backlog.append(audio(0, samples_of_ms(99)))
    assert heard(backlog) == []
    backlog.append(audio(samples_of_ms(99), samples_of_ms(100)))
    assert heard(backlog) == [audio(0, samples_of_ms(100))]
    backlog.append(audio(samples_of_ms(100), samples_of_ms(101)))
    assert heard(backlog, is_ending=True) == [audio(samples_of_ms(100), samples_of_ms(101))]


def test_a_busy_asr_gets_larger_messages() -> None:
    """Less often; what has to leave does not wait for more, and smaller messages come back."""
    backlog = Backlog()
    backlog.message_samples = GATHERED_SAMPLES
    backlog.append(audio(0, GATHERED_SAMPLES - 1))
    assert heard(backlog) == []
    backlog.append(audio(GATHERED_SAMPLES - 1, GATHERED_SAMPLES))
    assert heard(backlog) == [audio(0, GATHERED_SAMPLES)]
    end = GATHERED_SAMPLES + MESSAGE_SAMPLES
    backlog.append(audio(GATHERED_SAMPLES, end))
    assert heard(backlog) == []
    backlog.message_samples = MESSAGE_SAMPLES
    assert heard(backlog) == [audio(GATHERED_SAMPLES, end)]
    backlog.message_samples = GATHERED_SAMPLES
    backlog.append(audio(end, end + 1))
    backlog.mark_flush()
    assert heard(backlog) == [audio(end, end + 1), Flush()]


def test_much_audio_leaves_in_several_messages() -> None:
    """None is longer than 8 s, far below the limit of a message."""
    backlog = Backlog()
    backlog.append(audio(0, 20 * SECOND))
    pieces = heard(backlog)
    assert [len(piece) // BYTES_PER_SAMPLE // SECOND for piece in pieces if not isinstance(piece, Flush)] == [8, 8, 4]


def test_a_mark_takes_the_audio_before_it_along() -> None:
    """However little that is; marks without audio between them are one."""
    backlog = Backlog()
    backlog.append(audio(0, 10))
    backlog.mark_flush()
    backlog.mark_flush()
    backlog.append(audio(10, 20))
    assert heard(backlog) == [audio(0, 10), Flush()]


def test_everything_after_the_position_is_heard_again() -> None:
    """What was dropped comes back to whoever dropped it; marks before the position are not heard again."""
    backlog = Backlog(SECOND)
    for second in (1, 2, 3):
        backlog.append(audio(second * SECOND, (second + 1) * SECOND))
        backlog.mark_flush()
    heard(backlog)
    assert backlog.forget_before(SECOND // 2) == b""
    assert backlog.forget_before(2 * SECOND) == audio(SECOND, 2 * SECOND)
    backlog.rewind()
    pieces = [audio(2 * SECOND, 3 * SECOND), Flush(), audio(3 * SECOND, 4 * SECOND), Flush()]
    assert heard(backlog) == pieces


def test_asr_may_count_a_little_further_than_the_audio() -> None:
    """It deals with whole frames: at the end everything is dropped, and no sample that never was."""
    backlog = Backlog()
    backlog.append(audio(0, 100))
    heard(backlog, is_ending=True)
    assert backlog.forget_before(512) == audio(0, 100)
    backlog.append(audio(100, 200))
    assert (backlog.end_sample, heard(backlog, is_ending=True)) == (200, [audio(100, 200)])


def test_there_is_room_for_a_minute_and_a_half() -> None:
    """Then whoever brings audio waits until asr has told a position."""
    backlog = Backlog(7)
    had_room = []
    for samples in (MAX_SAMPLES - 1, 1, 1):
        backlog.append(bytes(samples * BYTES_PER_SAMPLE))
        had_room.append(backlog.has_room)
    backlog.forget_before(7 + 2)
    assert (had_room, backlog.has_room) == ([True, False, False], True)


class AnyOrder(RuleBasedStateMachine):
    """Compares it with all of the audio and all marks, and a stream that is opened anew."""

    def __init__(self) -> None:
        super().__init__()
        self.start = 1000
        self.backlog = Backlog(self.start)
        self.end = self.start
        self.marks: list[int] = []
        self.heard_audio = b""  # by this stream
        self.heard_marks: list[int] = []
        self.stream_start = self.start
        self.kept = b""  # what was dropped, all in all

    @property
    def heard_until(self) -> int:
        return self.stream_start + len(self.heard_audio) // BYTES_PER_SAMPLE

    @rule(samples=st.sampled_from([0, 1, 1000, 2560, 10_000, 200_000]))
    def append(self, samples: int) -> None:
        self.backlog.append(audio(self.end, self.end + samples))
        self.end += samples

    @rule()
    def mark(self) -> None:
        self.backlog.mark_flush()
        if self.end not in self.marks:
            self.marks.append(self.end)

    @rule(is_ending=st.booleans())
    def hear(self, is_ending: bool) -> None:
        piece = self.backlog.next_piece(is_ending=is_ending)
        if isinstance(piece, Flush):
            self.heard_marks.append(self.heard_until)
        elif piece is not None:
            self.heard_audio += piece
        elif is_ending:
            assert self.heard_until == self.end

    @rule(part=st.floats(0, 1))
    def forget(self, part: float) -> None:
        """Asr tells a position in what it has heard."""
        sample = self.start + int((self.heard_until - self.start) * part)
        self.kept += self.backlog.forget_before(sample)
        self.start = max(self.start, sample)

    @rule()
    def rewind(self) -> None:
        self.backlog.rewind()
        self.heard_audio, self.heard_marks, self.stream_start = b"", [], self.start

    @invariant()
    def a_stream_hears_what_was_said(self) -> None:
        assert self.heard_audio == audio(self.stream_start, self.heard_until)
        due = [mark for mark in self.marks if self.stream_start < mark < self.heard_until]
        assert set(due) <= set(self.heard_marks) <= set(self.marks)
        assert all(before < after for before, after in pairwise(self.heard_marks))

    @invariant()
    def what_is_dropped_and_what_is_there_are_everything(self) -> None:
        assert self.kept == audio(1000, self.start)
        assert self.backlog.end_sample == self.end
        assert self.backlog._start == self.start


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
