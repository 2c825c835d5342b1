"""Subtitle cues: what limits they keep, and when they are seen."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cues import Cue, cues_of
from gateway.store.records import FinalRecord, SegmentRecord
from gateway.subtitle_options import SubtitleOptions
from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from tests.gateway import examples

USUAL = SubtitleOptions()
SESSION = examples.session()
LONG = " ".join(f"word{number:02d}" for number in range(40))

options = st.builds(
    SubtitleOptions, st.integers(10, 200), st.integers(1, 4), st.integers(0, 10_000), st.integers(5, 50)
)
texts = st.lists(st.text("abc,.日本", min_size=1, max_size=50), min_size=1, max_size=40).map(" ".join)


def segment(text: str, start_ms: int, end_ms: int) -> SegmentRecord:
    """One segment, its words evenly spread."""
    start, end = (ms * SAMPLE_RATE_HERTZ // 1000 for ms in (start_ms, end_ms))
    record = examples.segment(SESSION.session_id, 1, 0, text)
    words = tuple(
        replace(
            word,
            start_sample=start + (end - start) * place // len(record.words),
            end_sample=start + (end - start) * (place + 1) // len(record.words),
        )
        for place, word in enumerate(record.words)
    )
    return replace(record, start_sample=start, end_sample=end, words=words)


def shown(*records: FinalRecord, options: SubtitleOptions = USUAL) -> list[tuple[int, int, str]]:
    """Each cue's times and text."""
    return [(cue.start_ms, cue.end_ms, "/".join(cue.lines)) for cue in cues_of(records, options)]


def test_a_transcript_is_split_at_its_words() -> None:
    """A long segment's cues start where their first words were spoken and end with the segment."""
    spoken = segment(LONG, 0, 20_000)
    cues = cues_of([spoken], USUAL)
    assert len(cues) > 2
    starts = {f"word{place:02d}": word.start_sample // 16 for place, word in enumerate(spoken.words)}
    assert [cue.start_ms for cue in cues] == [starts[cue.lines[0].split()[0]] for cue in cues]
    assert cues[-1].end_ms == 20_000


def test_a_translation_is_split_by_length() -> None:
    """A long translation's cues share the segment's time in proportion to their characters."""
    record = replace(examples.translation(segment(LONG, 0, 20_000), 2), text=LONG)
    cues = cues_of([record], USUAL)
    lengths = [sum(len(line.replace(" ", "")) for line in cue.lines) for cue in cues]
    for cue, length in zip(cues, lengths, strict=True):
        assert cue.end_ms - cue.start_ms == pytest.approx(20_000 * length / sum(lengths), abs=2)


def test_a_cue_stays_until_it_can_have_been_read() -> None:
    """A second at least, longer for a longer text, but never into the next one."""
    assert shown(segment("good morning", 0, 100)) == [(0, 1_000, "good morning")]
    assert shown(segment("a" * 34, 0, 100)) == [(0, 2_000, "a" * 34)]
    slow = SubtitleOptions(max_line_count=1)
    crowded = [segment("good morning everyone in the hall", 0, 100), segment("we have three options", 500, 3_000)]
    assert [times[:2] for times in shown(*crowded, options=slow)] == [(0, 500), (500, 3_000)]


def test_cues_that_are_too_fast_become_one() -> None:
    """Two short segments in one second stand on the screen together; with room between them they do not."""
    assert shown(segment("yes", 0, 300), segment("of course", 400, 900)) == [(0, 1_000, "yes of course")]
    assert shown(segment("yes", 0, 300), segment("of course", 1_000, 1_900)) == [
        (0, 1_000, "yes"),
        (1_000, 2_000, "of course"),
    ]


def test_a_text_without_spaces_follows_the_time_of_its_characters() -> None:
    """The second cue of one long word starts in the middle of it."""
    cues = cues_of([segment("日" * 40, 0, 10_000)], SubtitleOptions(max_line_characters=10))
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(0, 5_000), (5_000, 10_000)]


@st.composite
def finals(draw: st.DrawFn) -> list[FinalRecord]:
    """Segments at any times, in order, or their translations."""
    starts = draw(st.lists(st.integers(0, 60_000), min_size=1, max_size=6).map(sorted))
    segments = [segment(draw(texts), start, start + draw(st.integers(0, 20_000))) for start in starts]
    if draw(st.booleans()):
        return [*segments]
    return [replace(examples.translation(record, 1), text=record.text) for record in segments]


@given(finals(), options)
def test_cues_keep_the_limits_and_every_word(records: Sequence[FinalRecord], limits: SubtitleOptions) -> None:
    """Whatever is said and when: no line too long, none too many, no word lost, doubled or moved."""
    cues = cues_of(records, limits)
    assert _letters(line for cue in cues for line in cue.lines) == _letters(record.text for record in records)
    assert all(1 <= len(cue.lines) <= limits.max_line_count for cue in cues)
    assert all(0 < len(line) <= limits.max_line_characters for cue in cues for line in cue.lines)


def _letters(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


@given(finals(), options)
def test_cues_never_overlap_and_can_be_read(records: Sequence[FinalRecord], limits: SubtitleOptions) -> None:
    """Each ends before the next starts, and is seen long enough wherever the next leaves room."""
    cues = cues_of(records, limits)
    assert all(cue.start_ms < cue.end_ms <= following.start_ms for cue, following in pairwise(cues))
    for cue, following in pairwise(cues):
        assert cue.end_ms - cue.start_ms >= min(_reading_ms(cue, limits), following.start_ms - cue.start_ms)
    assert cues[-1].end_ms - cues[-1].start_ms >= _reading_ms(cues[-1], limits)


def _reading_ms(cue: Cue, limits: SubtitleOptions) -> float:
    characters = sum(map(len, cue.lines))
    return max(limits.min_duration_ms, characters / limits.max_characters_per_second * 1000)


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("max_line_characters", 9, "10 to 200"),
        ("max_line_characters", 201, "10 to 200"),
        ("max_line_count", 5, "1 to 4"),
        ("min_duration_ms", -1, "0 to 10000"),
        ("max_characters_per_second", 51, "5 to 50"),
    ],
)
def test_options_out_of_range_are_refused(name: str, value: int, valid: str) -> None:
    """The error names the field and what would be valid."""
    with pytest.raises(InvalidArgumentError, match=f"`subtitles.{name}` is {value}: {valid}") as raised:
        SubtitleOptions(**{name: value})
    assert raised.value.reason == "SUBTITLE_OPTIONS_INVALID"
