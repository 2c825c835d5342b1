from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.decoding import Piece
from asr.hypothesis import Hypothesis, Word, text_of
from asr.pace import CLOSELY, Pace
from asr.window_decoding import WindowDecoding, WindowOptions, window_options
from livetranslate.models import Model
from livetranslate.samples import SAMPLE_RATE_HERTZ

SECOND = SAMPLE_RATE_HERTZ
START = 3 * SECOND
OPTIONS = WindowOptions(max_samples=10 * SECOND, trim_samples=6 * SECOND)
MISSED = Hypothesis((), is_missing=True)

Hear = Callable[[Piece], Hypothesis]


def speech(text: str, word_samples: int = SECOND // 2) -> list[Word]:
    """Words of equal length from the segment's start on."""
    starts = range(START, START + 10_000 * SECOND, word_samples)
    return [Word(word, start, start + word_samples, 0.9) for word, start in zip(text.split(), starts, strict=False)]


def numbered(count: int) -> list[Word]:
    """Words that differ."""
    return speech(" ".join(f"w{number}" for number in range(count)))


def hearing(words: Sequence[Word]) -> Hear:
    """A model that hears every word of its window, and guesses at one that is cut by the window's edge."""

    def hear(piece: Piece) -> Hypothesis:
        heard = [word for word in words if piece.start_sample <= word.start_sample < piece.end_sample]
        if heard and heard[-1].end_sample > piece.end_sample:
            heard[-1] = replace(heard[-1], text=f"{heard[-1].text}?", end_sample=piece.end_sample)
        return Hypothesis(tuple(heard))

    return hear


@dataclass
class Segment:
    """A segment that is spoken, decoded window by window."""

    hear: Hear
    options: WindowOptions = OPTIONS
    pace: Pace = CLOSELY
    pieces: list[Piece] = field(default_factory=list)
    looked: list[Piece] = field(default_factory=list)  # those that were not missed

    def __post_init__(self) -> None:
        self.decoding = WindowDecoding(self.options, START)

    def speak(self, until: int, end: int | None = None) -> None:
        """Let audio come up to a sample, and answer all looks that are then due."""
        while (piece := self.decoding.next_piece(until, end, self.pace)) is not None:
            hypothesis = self.hear(piece)
            self.pieces.append(piece)
            if not hypothesis.is_missing:
                self.looked.append(piece)
            self.decoding.receive(piece, hypothesis)
            if piece.is_end:
                return

    def committed(self) -> str:
        return text_of(self.decoding.committed)


def spans(pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    """The pieces in seconds since the segment's start."""
    return [((piece.start_sample - START) / SECOND, (piece.end_sample - START) / SECOND) for piece in pieces]


def test_each_look_is_at_the_whole_window() -> None:
    """The first look comes early, then one a second; the last is at all there is."""
    segment = Segment(hearing(numbered(8)))
    segment.speak(START + 3 * SECOND)
    assert spans(segment.pieces) == [(0, 0.64), (0, 1.64), (0, 2.64)]
    segment.speak(START + 9 * SECOND, end=START + 4 * SECOND)
    assert spans(segment.pieces[3:]) == [(0, 3.64), (0, 4)]
    assert [piece.is_start for piece in segment.pieces] == [True, False, False, False, False]
    assert [piece.is_end for piece in segment.pieces] == [False, False, False, False, True]
    assert segment.committed() == "w0 w1 w2 w3 w4 w5 w6 w7"


def test_two_looks_commit() -> None:
    """What a look has shown is committed by the next one, and the rest is shown."""
    segment = Segment(hearing(numbered(8)))
    segment.speak(START + 2 * SECOND)
    assert (segment.committed(), text_of(segment.decoding.unstable)) == ("w0", "w1 w2 w3?")


def test_a_look_is_due_when_there_is_more() -> None:
    """So that the last one is never at what was seen before."""
    segment = Segment(hearing(numbered(8)))
    segment.speak(START + OPTIONS.first_samples)
    assert not segment.pieces
    segment.speak(START + OPTIONS.first_samples, end=START + OPTIONS.first_samples)
    assert [piece.is_end for piece in segment.pieces] == [True]


def test_a_window_is_cut_at_a_committed_sentence() -> None:
    """The window then starts after the sentence, and what was said before is the prompt."""
    words = speech("it is late now. we go home and there we eat and drink and sleep")
    segment = Segment(hearing(words))
    segment.speak(START + 7 * SECOND)
    assert segment.decoding.needed_from == START + 2 * SECOND
    assert segment.pieces[-1].start_sample == START + 2 * SECOND
    assert segment.pieces[-1].prompt == "it is late now."
    segment.speak(START + 8 * SECOND, end=START + 8 * SECOND)
    assert segment.committed() == text_of(words)


def test_a_window_is_cut_at_the_widest_gap() -> None:
    """Where no sentence ends, the calmest place between committed words is taken."""
    words = numbered(14)
    words[5:] = [
        replace(word, start_sample=word.start_sample + 4_000, end_sample=word.end_sample + 4_000) for word in words[5:]
    ]
    segment = Segment(hearing(words))
    segment.speak(START + 7 * SECOND)
    assert segment.decoding.needed_from == START + 5 * SECOND // 2 + 2_000


def test_prompts_are_short_and_sure() -> None:
    """A prompt is whole words of the last characters; what the model was unsure of is none."""
    options = replace(OPTIONS, prompt_characters=12)
    segment = Segment(hearing(numbered(40)), options)
    segment.speak(START + 20 * SECOND)
    assert len(segment.pieces[-1].prompt) == 11
    assert segment.pieces[-1].prompt in segment.committed()
    unsure = Segment(hearing([replace(word, confidence=0.3) for word in numbered(40)]), options)
    unsure.speak(START + 20 * SECOND)
    assert unsure.decoding.needed_from > START
    assert not any(piece.prompt for piece in unsure.pieces)


def test_what_the_model_does_not_stand_by_is_not_shown() -> None:
    """A look that is not credible shows nothing, and commits nothing with its neighbours."""
    hear = hearing(numbered(8))
    segment = Segment(lambda piece: replace(hear(piece), mean_log_probability=-2))
    segment.speak(START + 3 * SECOND)
    assert not segment.decoding.unstable
    segment.speak(START + 4 * SECOND, end=START + 4 * SECOND)
    assert not segment.committed()


def test_a_loop_moves_the_window_and_is_no_prompt() -> None:
    """After a loop the window begins behind what is committed, and that is not prompted with."""
    looping = speech("so we go home " + "thank you " * 10, SECOND // 4)
    segment = Segment(hearing(looping))
    segment.speak(START + 5 * SECOND)
    assert segment.committed() == "so we go home thank you"
    assert segment.decoding.needed_from == START + 6 * SECOND // 4
    assert not segment.pieces[-1].prompt


def test_a_full_window_that_nothing_is_agreed_on_is_committed() -> None:
    """Where each look has other words, those of the last one are taken but for the newest, and the window moves on."""

    def hear(piece: Piece) -> Hypothesis:
        return Hypothesis(tuple(replace(word, text=f"{word.text}-{piece.end_sample}") for word in truth(piece).words))

    truth = hearing(numbered(40))
    segment = Segment(hear)
    segment.speak(START + 11 * SECOND)
    assert len(segment.decoding.committed) == 17
    assert segment.decoding.needed_from == START + 17 * SECOND // 2
    assert not segment.pieces[-1].prompt


def test_a_full_window_without_words_moves_on() -> None:
    """Noise is forgotten but for its end."""
    segment = Segment(lambda _: Hypothesis(()))
    segment.speak(START + 30 * SECOND)
    assert max(end - start for start, end in spans(segment.pieces)) <= 10
    assert segment.decoding.needed_from > START + 20 * SECOND


def test_nobody_speaks_outside_of_the_window() -> None:
    """Words that a model hears in the padding are none, and those that reach over an edge end there."""
    heard = (
        Word("a", START - SECOND, START + 100),
        Word("b", START + 100, START + SECOND),
        Word("c", START + SECOND, 0),
    )
    segment = Segment(lambda _: Hypothesis(heard))
    segment.speak(START + SECOND // 2, end=START + SECOND // 2)
    assert list(segment.decoding.committed) == [
        Word("a", START, START + 100),
        Word("b", START + 100, START + SECOND // 2),
    ]


def test_a_failure_keeps_what_was_promised() -> None:
    """What was shown is dropped, what was committed stands."""
    segment = Segment(hearing(numbered(8)))
    segment.speak(START + 3 * SECOND)
    committed = segment.committed()
    segment.decoding.receive_failure()
    assert segment.committed() == committed
    assert not segment.decoding.unstable


def test_a_missed_look_counts_as_not_due() -> None:
    """Those that have become due meanwhile are passed over, and what was shown stays until the next one."""
    segment = Segment(hearing(numbered(20)))
    segment.speak(START + SECOND)
    missed = segment.decoding.next_piece(START + 2 * SECOND, None)
    assert missed is not None
    segment.decoding.receive(missed, MISSED)
    segment.speak(START + 5 * SECOND)
    assert (spans(segment.pieces), text_of(segment.decoding.unstable)) == ([(0, 0.64)], "w0 w1?")
    segment.speak(START + 7 * SECOND)
    assert spans(segment.pieces[1:]) == [(0, 5.64), (0, 6.64)]
    segment.speak(START + 8 * SECOND, end=START + 8 * SECOND)
    assert segment.committed() == text_of(numbered(16))


def test_a_full_window_is_looked_at_again_when_it_was_missed() -> None:
    """It cannot grow, and what it has heard is not to be lost."""
    answers = [True] * 3 + [False] * 20
    hear = hearing(numbered(60))
    segment = Segment(lambda piece: MISSED if answers.pop(0) else hear(piece))
    segment.speak(START + 20 * SECOND, end=START + 20 * SECOND)
    assert spans(segment.pieces)[:4] == [(0, 0.64), (0, 10), (0, 10), (0, 10)]
    assert spans(segment.looked)[0] == (0, 10)
    assert segment.committed() == text_of(numbered(40))


def test_looks_are_as_far_apart_as_the_pace_says() -> None:
    """From the first one on, and as before when the pace is."""
    segment = Segment(hearing(numbered(40)), pace=Pace(step_samples=2 * SECOND))
    segment.speak(START + 5 * SECOND)
    assert spans(segment.pieces) == [(0, 2), (0, 4)]
    segment.pace = CLOSELY
    segment.speak(START + 6 * SECOND)
    assert spans(segment.pieces[2:]) == [(0, 5)]


def test_a_look_comes_when_the_window_is_full_at_any_pace() -> None:
    """However far apart looks are to be, no window is longer than its model takes."""
    segment = Segment(hearing(numbered(40)))
    segment.speak(START + 5 * SECOND)
    segment.pace = Pace(step_samples=30 * SECOND)
    segment.speak(START + 20 * SECOND, end=START + 20 * SECOND)
    assert max(piece.end_sample - piece.start_sample for piece in segment.pieces) == OPTIONS.max_samples
    assert segment.committed() == text_of(numbered(40))


def test_finals_need_one_look() -> None:
    """Where only finals are wanted, there is the last look, and one at each window that is full."""
    segment = Segment(hearing(numbered(40)), pace=Pace(is_final_only=True))
    segment.speak(START + 9 * SECOND, end=START + 9 * SECOND)
    assert spans(segment.pieces) == [(0, 9)]
    longer = Segment(hearing(numbered(40)), pace=Pace(is_final_only=True))
    longer.speak(START + 12 * SECOND, end=START + 12 * SECOND)
    assert spans(longer.pieces) == [(0, 10), (9, 12)]
    assert longer.committed() == text_of(numbered(24))


@pytest.mark.parametrize(
    ("lengths", "longest", "step"), [((5, 10, 20, 30), 30 * SECOND, SECOND), ((1, 2), 2 * SECOND, SECOND // 2)]
)
def test_a_model_says_how_long_its_windows_are(lengths: tuple[int, ...], longest: int, step: int) -> None:
    """The longest length that it takes is the bound, and several looks go into it."""
    options = window_options(Model("asr_x", "asr", decoding="window", window_seconds=lengths))
    assert (options.max_samples, options.step_samples) == (longest, step)
    segment = Segment(hearing(numbered(40)), options)
    segment.speak(START + 20 * SECOND, end=START + 20 * SECOND)
    assert segment.committed() == text_of(numbered(40))


ARRIVALS = st.lists(st.integers(1, 3 * SECOND), min_size=1, max_size=40)
TEXT = st.lists(st.sampled_from(["a", "b", "c.", "d"]), max_size=120).map(" ".join)


WILD = st.lists(
    st.builds(
        lambda text, start, length: Word(text, START + start, START + start + length),
        st.sampled_from(["a", "b", "c."]),
        st.integers(-SECOND, 60 * SECOND),
        st.integers(-SECOND, 10 * SECOND),
    ),
    max_size=6,
)


@given(st.lists(WILD, min_size=1, max_size=6), st.integers(1, 60 * SECOND))
def test_whatever_a_model_says_windows_are_bounded(hypotheses: list[list[Word]], samples: int) -> None:
    """Words at impossible times move no window out of its place, and the segment comes to its end."""
    answers = cycle(hypotheses)
    segment = Segment(lambda _: Hypothesis(tuple(next(answers))))
    segment.speak(START + samples, end=START + samples)
    ends = [START, *(piece.end_sample for piece in segment.pieces)]
    for seen, piece in zip(ends, segment.pieces, strict=False):
        assert START <= piece.start_sample <= seen < piece.end_sample <= piece.start_sample + OPTIONS.max_samples
    assert ends[-1] == START + samples
    assert segment.pieces[-1].is_end


def decoded(text: str, arrivals: Sequence[int], missed: Sequence[bool] = ()) -> Segment:
    """A segment whose audio came in these portions."""
    hear, misses = hearing(speech(text)), list(missed)

    def hear_or_miss(piece: Piece) -> Hypothesis:
        return MISSED if not piece.is_end and misses and misses.pop() else hear(piece)

    segment, until = Segment(hear_or_miss), START
    for samples in arrivals[:-1]:
        until += samples
        before, needed = list(segment.decoding.committed), segment.decoding.needed_from
        segment.speak(until)
        assert segment.decoding.committed[: len(before)] == before
        assert segment.decoding.needed_from >= needed
    until += arrivals[-1]
    segment.speak(until, end=until)
    return segment


@given(TEXT, ARRIVALS, st.lists(st.booleans(), max_size=20))
def test_windows_are_bounded_and_cover_all_audio(text: str, arrivals: list[int], missed: list[bool]) -> None:
    """Whatever is said, however it comes and whatever is missed: no gap, no window over its bound, an end."""
    segment = decoded(text, arrivals, missed)
    seen = START
    for piece in segment.looked:
        assert 0 < piece.end_sample - piece.start_sample <= OPTIONS.max_samples
        assert piece.start_sample <= seen < piece.end_sample
        seen = piece.end_sample
    assert seen == START + sum(arrivals)
    assert [piece.is_end for piece in segment.pieces] == [False] * (len(segment.pieces) - 1) + [True]


@given(TEXT, ARRIVALS)
def test_how_audio_comes_changes_nothing(text: str, arrivals: list[int]) -> None:
    """The same looks and the same words, whether the audio came bit by bit or at once."""
    whole = decoded(text, [sum(arrivals)])
    parts = decoded(text, arrivals)
    assert parts.pieces == whole.pieces
    assert parts.decoding.committed == whole.decoding.committed
