"""Subtitle cues: what stands on the screen, and from when to when.

A cue has at most two lines of 42 characters, as broadcasters recommend. Cues never overlap; one that is too short to
read stays longer where the next one leaves room.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gateway.store.records import Record, SegmentRecord
from livetranslate.samples import SAMPLE_RATE_HERTZ

MAX_LINE_CHARACTERS = 42
MAX_LINES = 2
MIN_DURATION_MS = 1_000


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines of text and their time from the session's first sample."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues_of(records: Sequence[Record]) -> list[Cue]:
    """The cues of segments in one language, in the order of their times."""
    cues = [cue for record in records for cue in _cues_of_one(record)]
    return [*(_without_overlap(cue, following.start_ms) for cue, following in pairwise(cues)), *_last(cues)]


def _without_overlap(cue: Cue, limit_ms: int) -> Cue:
    return replace(cue, end_ms=max(cue.start_ms, min(limit_ms, max(cue.end_ms, cue.start_ms + MIN_DURATION_MS))))


def _last(cues: Sequence[Cue]) -> Iterator[Cue]:
    for cue in cues[-1:]:
        yield replace(cue, end_ms=max(cue.end_ms, cue.start_ms + MIN_DURATION_MS))


def _cues_of_one(record: Record) -> Iterator[Cue]:
    texts = _screens(record.text)
    edges = _edges(record, texts)
    for lines, (start, end) in zip(texts, pairwise(edges), strict=True):
        yield Cue(_ms(start), _ms(end), lines)


def _screens(text: str) -> list[tuple[str, ...]]:
    """The text, cut at words into what fits on one screen. A longer word has a line of its own."""
    lines = textwrap.wrap(text, MAX_LINE_CHARACTERS, break_long_words=False, break_on_hyphens=False)
    return [tuple(lines[start : start + MAX_LINES]) for start in range(0, len(lines), MAX_LINES)]


def _edges(record: Record, screens: Sequence[tuple[str, ...]]) -> list[int]:
    """Where each screen starts, and where the last ends, in samples."""
    if not screens:
        return []
    counts = [sum(len(line.split()) for line in lines) for lines in screens]
    if isinstance(record, SegmentRecord) and sum(counts) == len(record.words):
        firsts = [sum(counts[:place]) for place in range(1, len(counts))]
        inner = [record.words[first].start_sample for first in firsts]
    else:  # a translation, or words that are not those of the text
        lengths = [sum(map(len, lines)) for lines in screens]
        span = record.end_sample - record.start_sample
        inner = [record.start_sample + span * sum(lengths[:place]) // sum(lengths) for place in range(1, len(lengths))]
    return [record.start_sample, *inner, record.end_sample]


def _ms(samples: int) -> int:
    return samples * 1000 // SAMPLE_RATE_HERTZ
