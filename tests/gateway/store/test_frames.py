"""Submissions as bytes."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.frames import HEADER_BYTES, Header, decode, encode
from gateway.store.records import (
    AudioRecord,
    PositionRecord,
    Record,
    SegmentRecord,
    SpeechRecord,
    TargetRecord,
    TargetsRecord,
    TranslationRecord,
    WordRecord,
)
from gateway.store.submission import Submission
from tests.gateway import examples

_FLOATS = st.floats(allow_nan=False)
_TEXTS = st.text(st.characters())  # also lone surrogates: the database refuses them, but they must get there
_FIELDS = {
    "words": st.lists(st.builds(WordRecord, _TEXTS, st.integers(), st.integers(), _FLOATS)).map(tuple),
    "targets": st.lists(st.builds(TargetRecord, _TEXTS, st.booleans(), _TEXTS, _TEXTS, _TEXTS, _FLOATS)).map(tuple),
    **dict.fromkeys(
        ("target_language_codes", "quality_reasons", "missed_terms", "rejected_models"), st.lists(_TEXTS).map(tuple)
    ),
    "is_continued": st.booleans(),
    "quality": _FLOATS,
    "hop_times_ms": st.dictionaries(_TEXTS, _FLOATS),
    "state": st.binary(),
    "audio": st.binary(),
    "confidence": _FLOATS,
    "lag_ms": _FLOATS,
}
_INTEGERS = {"event_number", "start_sample", "end_sample", "sample", "sample_rate_hertz"}


def records_of(kind: type[Record]) -> st.SearchStrategy[Record]:
    fields = {name: _FIELDS.get(name, st.integers() if name in _INTEGERS else _TEXTS) for name in kind.__slots__}
    return st.builds(kind, **fields)


RECORDS = st.one_of(
    *map(
        records_of,
        (SegmentRecord, TranslationRecord, PositionRecord, TargetsRecord, AudioRecord, SpeechRecord),
    )
)


@given(st.lists(RECORDS, min_size=1, max_size=3), st.integers(1), st.integers(1))
def test_every_record_comes_back(records: list[Record], generation: int, number: int) -> None:
    """What is read is what was written, whatever is in it."""
    submission = Submission(number, generation, tuple(records))
    frame = encode(submission)
    header = Header.of(frame)
    assert header is not None
    assert header.record_count == len(records)
    assert header.fits(frame[HEADER_BYTES:])
    assert decode(frame[HEADER_BYTES:], number) == submission


@given(RECORDS, st.data())
def test_a_damaged_frame_shows(record: Record, data: st.DataObject) -> None:
    """A change of any one byte of the content is noticed."""
    frame = encode(Submission(1, 1, (record,)))
    header, content = Header.of(frame), bytearray(frame[HEADER_BYTES:])
    assert header is not None
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert not header.fits(bytes(content))


@pytest.mark.parametrize("content", [b"", b"1", b"[1]", b'[1,[["Unknown",{}]]]', b'[1,[["AudioRecord",{"new":1}]]]'])
def test_another_versions_content_is_refused(content: bytes) -> None:
    """What this version does not know is an error of one kind."""
    with pytest.raises(ValueError, match=r".+"):
        decode(content, 1)


def test_records_of_an_older_version_are_read() -> None:
    """What they do not have is as it was then."""
    segment = replace(examples.segment("s", 1), is_continued=False)
    unrated = {"quality": 0.0, "quality_reasons": (), "missed_terms": (), "rejected_models": ()}
    translation = replace(examples.translation(segment, 2), **unrated)  # type: ignore[arg-type] # each has its own type
    records = segment, translation, TargetsRecord("s", (TargetRecord("es", speech=True),))
    generation, written = json.loads(encode(Submission(1, 1, records))[HEADER_BYTES:])
    for kind, fields in written:
        for name in ("is_continued", *unrated):
            fields.pop(name, None)
        if kind == "TargetsRecord":
            fields["targets"] = [target[:3] for target in fields["targets"]]
    assert decode(json.dumps([generation, written]).encode(), 1).records == records
