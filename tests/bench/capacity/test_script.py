from itertools import islice

from bench.capacity.script import PLACES, Script, audio_from, script
from bench.speech import CHUNK_SAMPLES

CHUNKS = 150


def test_nothing_is_due_before_its_audio() -> None:
    """A step is due with the chunk that brings the last that is needed, a final after the pause that ends it."""
    for due in script(0).steps(CHUNKS):
        assert (due.chunk + 1) * CHUNK_SAMPLES >= due.step.end_sample
    finals = [text for text in script(0).texts(CHUNKS) if text.is_final]
    ends = [due for due in script(0).steps(CHUNKS) if due.step.is_end]
    assert [text.chunk for text in finals] == [due.chunk for due in ends]
    for due in ends:
        assert (due.chunk + 1) * CHUNK_SAMPLES >= due.step.end_sample + 5_120  # 512 ms of pause, 192 are in the segment


def test_revisions_of_a_segment_count_on() -> None:
    """As those of the service do: each text is told once, the last one is final."""
    by_segment: dict[str, list[int]] = {}
    for text in script(0).texts(CHUNKS):
        by_segment.setdefault(text.segment_id, []).append(text.revision)
    assert len(by_segment) > 2
    assert all(revisions == list(range(1, len(revisions) + 1)) for revisions in by_segment.values())


def test_a_script_is_the_same_however_far_it_was_looked_at() -> None:
    """What is due with the first chunks does not depend on those that follow."""
    short, long = Script(3), Script(3)
    longer = list(long.texts(CHUNKS))
    assert list(short.texts(60)) == list(long.texts(60)) == [text for text in longer if text.chunk < 60]
    assert list(short.texts(CHUNKS)) == longer


def test_sessions_begin_at_different_places() -> None:
    """No two places begin with the same audio, and all of them have speech."""
    beginnings = {b"".join(islice(audio_from(place), 5)) for place in range(PLACES)}
    assert len(beginnings) == PLACES
