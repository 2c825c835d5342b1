from collections.abc import Iterable

import pytest

from bench.capacity.script import DueText, script
from bench.capacity.told import NEVER, Latency, Told
from livetranslate.v1 import types_pb2
from tests.bench.capacity.records import degraded, record, summary, transcript, translation

SEGMENT = "000000000000"


def rounded(latencies: Iterable[Latency]) -> list[tuple[float, float]]:
    return [(round(spoken_at, 3), round(seconds, 3)) for spoken_at, seconds in latencies]


def test_latency_counts_from_the_chunk_that_completed_the_text() -> None:
    """Interim and final ones apart; a chunk is spoken once its last sample is."""
    told = Told(
        record(
            (0.5, transcript(SEGMENT, 1, 3_200)),  # two chunks: spoken at 0.2 s
            (1.5, transcript(SEGMENT, 2, 3_201, is_final=True)),  # one sample of the third
            (1.6, translation(SEGMENT, 3_201)),
        )
    )
    assert rounded(told.texts(is_final=False)) == [(100.2, 0.3)]
    assert rounded(told.texts(is_final=True)) == [(100.3, 1.2)]
    assert rounded(told.final_translations()) == [(100.3, 1.3)]


def test_a_word_is_as_late_as_its_first_commitment() -> None:
    """From its own end, whichever revision it is that commits it."""
    told = Told(
        record(
            (1.0, transcript(SEGMENT, 1, 16_000, "good")),
            (2.0, transcript(SEGMENT, 2, 16_000, "good day", is_final=True)),
        )
    )
    assert rounded(told.commits()) == [(100.5, 0.5), (101.0, 1.0)]


def finals_due(chunk_count: int) -> list[DueText]:
    return [text for text in script(0).texts(chunk_count) if text.is_final]


def test_what_is_added_counts_from_when_it_was_due() -> None:
    """A text that is told with its chunk adds nothing; one that came within a later one came with that."""
    due = list(script(0).texts(100))
    first, second, third = due[:3]
    told = Told(
        record(
            ((first.chunk + 1) / 10, transcript(first.segment_id, 1, 0)),
            ((third.chunk + 1) / 10 + 0.05, transcript(third.segment_id, third.revision, 0)),
        )
    )
    added = {latency.spoken_at: latency.seconds for latency in told.added(is_final=False)}
    waited = (third.chunk - second.chunk) / 10 + 0.05
    expected = [0.0, waited, 0.05]
    for text, seconds in zip((first, second, third), expected, strict=True):
        assert added[told.record.visit.spoken_at(text.chunk)] == pytest.approx(seconds, abs=1e-6)


def test_a_final_is_waited_for() -> None:
    """No partial text stands for it; and its translation counts from the same chunk."""
    final = finals_due(100)[0]
    at = (final.chunk + 1) / 10
    partial = transcript(final.segment_id, final.revision, 0)
    assert next(Told(record((at, partial))).added(is_final=True)).seconds == NEVER
    told = Told(
        record(
            (at + 0.1, transcript(final.segment_id, final.revision, 0, is_final=True)),
            (at + 0.3, translation(final.segment_id, 0)),
        )
    )
    assert next(told.added(is_final=True)).seconds == pytest.approx(0.1)
    assert next(told.added_to_translations()).seconds == pytest.approx(0.3)


def test_the_end_and_what_was_left_out_are_told() -> None:
    """A session is whole with its summary; of several degradations the worst counts."""
    assert not Told(record((1.0, transcript(SEGMENT, 1, 0)))).is_whole
    told = Told(
        record(
            (1.0, degraded(types_pb2.DEGRADATION_NO_DRAFTS)),
            (2.0, degraded(types_pb2.DEGRADATION_NONE)),
            (3.0, summary()),
        )
    )
    assert told.is_whole
    assert told.degradation == 2
    assert told.opening_seconds == 1.0
