"""How speech keeps up with the speaker."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.samples import SAMPLE_RATE_HERTZ
from tts.pacing import UNPACED, Pacer, Pacing

RATE = 22_050
SECOND = SAMPLE_RATE_HERTZ


@dataclass(frozen=True)
class Said:
    """A text, and how it was spoken."""

    end_sample: int  # of its source
    start_sample: int  # of its playout
    stop_sample: int
    rate: float

    @property
    def lag_samples(self) -> int:
        return self.start_sample - self.end_sample


def spoken(pacer: Pacer, end_sample: int, duration_seconds: float) -> Said | None:
    """Speak a text that lasts so long at the voice's own pace; None where it is left out."""
    if pacer.is_too_late(end_sample):
        return None
    rate = pacer.begin(end_sample)
    start_sample = pacer.playout_sample
    for _ in range(2):
        pacer.receive_speech(round(duration_seconds / rate * RATE / 2))
    return Said(end_sample, start_sample, pacer.playout_sample, rate)


def talk(pacing: Pacing, clauses: list[tuple[float, float]]) -> list[Said | None]:
    """Speak clauses of a speaker who never pauses, each given by its length and that of its translation."""
    pacer, end_seconds = Pacer(pacing, RATE), 0.0
    said = []
    for source_seconds, translation_seconds in clauses:
        end_seconds += source_seconds
        said.append(spoken(pacer, round(end_seconds * SECOND), translation_seconds))
    return said


def test_speech_in_time_is_spoken_at_the_voice_s_own_pace() -> None:
    """A text is heard when its source is over, at the voice's own pace, where nothing is still being said."""
    pacer = Pacer(Pacing(), RATE)
    assert spoken(pacer, 4 * SECOND, 3.0) == Said(4 * SECOND, 4 * SECOND, 7 * SECOND, 1.0)
    assert spoken(pacer, 8 * SECOND, 3.0) == Said(8 * SECOND, 8 * SECOND, 11 * SECOND, 1.0)


def test_late_speech_hurries() -> None:
    """What is heard late is spoken faster, in proportion, up to the limit at half of the allowed lag."""
    pacing = Pacing(max_rate=1.5, max_lag_samples=8 * SECOND)
    rates = [Pacer(pacing, RATE, spoken_sample=lag * SECOND).begin(0) for lag in (0, 1, 2, 4, 8)]
    assert rates == [1.0, 1.125, 1.25, 1.5, 1.5]


def test_what_would_be_too_late_is_left_out() -> None:
    """A text that would begin beyond the limit is left out; its successor, whose source ends later, is spoken."""
    pacer = Pacer(Pacing(max_lag_samples=2 * SECOND), RATE)
    assert spoken(pacer, 2 * SECOND, 8.0) is not None
    assert pacer.lag_samples(4 * SECOND) == 6 * SECOND
    assert spoken(pacer, 4 * SECOND, 1.0) is None
    late = spoken(pacer, 8 * SECOND, 1.0)
    assert late is not None
    assert late.lag_samples == 2 * SECOND


def test_without_pacing_everything_is_spoken() -> None:
    """However late it is, nothing is hurried or left out."""
    said = talk(UNPACED, [(1.0, 5.0)] * 100)
    assert all(text is not None and text.rate == 1.0 for text in said)


def test_a_text_from_nowhere_follows_the_speech_before() -> None:
    """A text that does not say where its source ends is never late."""
    pacer = Pacer(Pacing(max_lag_samples=0), RATE, spoken_sample=5 * SECOND)
    assert not pacer.is_too_late(None)
    assert pacer.begin(None) == 1.0
    assert pacer.playout_sample == 5 * SECOND


def test_a_pacer_that_goes_on_decides_as_the_one_before() -> None:
    """Where a stream broke, a new pacer that knows the end of the speech before gives the same places and rates."""
    first = Pacer(Pacing(), RATE)
    spoken(first, 2 * SECOND, 6.0)
    second = Pacer(Pacing(), RATE, spoken_sample=first.playout_sample)
    assert spoken(second, 4 * SECOND, 3.0) == spoken(first, 4 * SECOND, 3.0)


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 20)), max_size=50),
    st.floats(1, 2),
    st.integers(0, 20 * SECOND),
)
def test_speech_keeps_up_whatever_is_said(
    clauses: list[tuple[float, float]], max_rate: float, max_lag_samples: int
) -> None:
    """In order, without overlap, after its source, within the lag and the rates allowed; nothing else is left out."""
    said = talk(Pacing(max_rate, max_lag_samples), clauses)
    heard_until, source_end = 0, 0.0
    for (source_seconds, _), text in zip(clauses, said, strict=True):
        source_end += source_seconds
        if text is None:
            assert heard_until - round(source_end * SECOND) > max_lag_samples
            continue
        assert text.start_sample == max(text.end_sample, heard_until)
        assert text.lag_samples <= max_lag_samples
        assert 1 <= text.rate <= max_rate
        heard_until = text.stop_sample


@pytest.mark.parametrize(("ratio", "least_spoken"), [(1.0, 1.0), (1.25, 1.0), (1.5, 0.8), (2.0, 0.6)])
def test_an_endless_fast_speaker_stays_bounded(ratio: float, least_spoken: float) -> None:
    """An hour without a pause, translations longer than their sources: the lag is bounded, and most is spoken."""
    said = talk(Pacing(), [(4.0, 4.0 * ratio)] * 900)
    heard = [text for text in said if text is not None]
    assert len(heard) >= least_spoken * len(said)
    assert max(text.lag_samples for text in heard) <= 10 * SECOND
    assert max(text.stop_sample - text.end_sample for text in heard) <= (10 + 4.0 * ratio) * SECOND
    assert all(first is not None or second is not None for first, second in pairwise(said))
