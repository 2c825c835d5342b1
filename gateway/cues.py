"""Subtitle cues: what stands on the screen, and from when to when.

Cues never overlap. One that is too short to read stays longer where the next one leaves room; where it does not, the
two become one if both fit on the screen.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from gateway.lines import Line, joined, lines_of
from gateway.store.records import FinalRecord, SegmentRecord
from gateway.subtitle_options import SubtitleOptions
from livetranslate.samples import SAMPLE_RATE_HERTZ


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines of text and their time from the session's first sample."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Screen:
    """Text that fits on the screen, and when it is spoken."""

    start_ms: int
    end_ms: int
    text: str
    lines: tuple[str, ...]

    def reading_time_ms(self, options: SubtitleOptions) -> int:
        return options.reading_time_ms(sum(map(len, self.lines)))


def cues_of(records: Iterable[FinalRecord], options: SubtitleOptions) -> list[Cue]:
    """The cues of segments in one language, which come in the order of their times."""
    screens = [screen for record in records for screen in _screens_of(record, options)]
    return list(_timed(list(_merged(screens, options)), options))


# Text


def _screens_of(record: FinalRecord, options: SubtitleOptions) -> Iterator[_Screen]:
    lines = lines_of(record.text, options.max_line_characters)
    screens = [lines[start : start + options.max_line_count] for start in range(0, len(lines), options.max_line_count)]
    spans = _spans(record)
    inner = [_start_sample(screen[0], spans) for screen in screens[1:]]
    edges = [_ms(sample) for sample in (record.start_sample, *inner, record.end_sample)]
    for screen, (start, end) in zip(screens, pairwise(edges), strict=False):  # no text has two edges and no screen
        yield _Screen(start, end, joined(screen), tuple(line.text for line in screen))


def _spans(record: FinalRecord) -> list[tuple[int, int, int]]:
    """When each word is spoken: its first sample, its length in samples and in characters."""
    words = record.text.split()
    if isinstance(record, SegmentRecord) and len(record.words) == len(words):
        return [
            (spoken.start_sample, spoken.end_sample - spoken.start_sample, len(word))
            for spoken, word in zip(record.words, words, strict=True)
        ]
    # A translation, or words that are not those of the text: they share the time by their length.
    length = record.end_sample - record.start_sample
    total = sum(map(len, words))
    spans, before = [], 0
    for word in words:
        spans.append((record.start_sample + length * before // total, length * len(word) // total, len(word)))
        before += len(word)
    return spans


def _start_sample(line: Line, spans: Sequence[tuple[int, int, int]]) -> int:
    start, length, character_count = spans[line.word]
    return start + length * line.offset // character_count


def _merged(screens: Iterable[_Screen], options: SubtitleOptions) -> Iterator[_Screen]:
    """Screens that leave too little time to be read become one with the next, where both fit."""
    waiting: _Screen | None = None
    for screen in screens:
        if waiting is None:
            waiting = screen
        elif (both := _both(waiting, screen, options)) is not None:
            waiting = both
        else:
            yield waiting
            waiting = screen
    if waiting is not None:
        yield waiting


def _both(screen: _Screen, following: _Screen, options: SubtitleOptions) -> _Screen | None:
    if following.start_ms - screen.start_ms >= screen.reading_time_ms(options):
        return None
    text = f"{screen.text} {following.text}"
    lines = tuple(line.text for line in lines_of(text, options.max_line_characters))
    if len(lines) > options.max_line_count:
        return None
    return _Screen(screen.start_ms, max(screen.end_ms, following.end_ms), text, lines)


# Times


def _timed(screens: Sequence[_Screen], options: SubtitleOptions) -> Iterator[Cue]:
    """Each screen from its first word on, until it can have been read, at most until the next."""
    start = 0
    for screen, limit in zip_longest(screens, [screen.start_ms for screen in screens[1:]]):
        start = max(start, screen.start_ms)
        end = max(screen.end_ms, start + screen.reading_time_ms(options))
        if limit is not None:
            end = min(end, limit)
        end = max(end, start + 1)  # players pass over cues without a duration
        yield Cue(start, end, screen.lines)
        start = end


def _ms(samples: int) -> int:
    return samples * 1000 // SAMPLE_RATE_HERTZ
