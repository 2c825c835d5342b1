"""Files of a session: what stands in them, and that they fit together."""

import json
from dataclasses import replace
from itertools import pairwise

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cues import MAX_LINE_CHARACTERS, MAX_LINES, cues_of
from gateway.export import MEDIA_TYPES, ExportFormat, export
from gateway.store.records import Record, SegmentRecord
from tests.gateway import examples

SESSION = examples.session()
FIRST = examples.segment(SESSION.session_id, 1, 1, "good morning")
SECOND = examples.segment(SESSION.session_id, 3, 4, "we have three options")
RECORDS: list[Record] = [
    FIRST,
    examples.translation(FIRST, 2, "buenos días"),
    SECOND,
    examples.translation(SECOND, 4, "tenemos tres opciones"),
]
LONG = " ".join(f"word{number:02d}" for number in range(40))

texts = st.lists(st.text("abcdefgh", min_size=1, max_size=50), min_size=1, max_size=60).map(" ".join)


def long_segment(seconds: int = 20, text: str = LONG) -> SegmentRecord:
    """One segment of that many seconds, its words evenly spread."""
    second = examples.segment(SESSION.session_id, 1, 0, text)
    return replace(
        second,
        end_sample=second.end_sample * seconds,
        words=tuple(
            replace(word, start_sample=word.start_sample * seconds, end_sample=word.end_sample * seconds)
            for word in second.words
        ),
    )


def test_srt_of_the_transcript() -> None:
    """Numbered cues with times and text."""
    assert export(SESSION, RECORDS, ExportFormat.SRT, "") == (
        "1\n00:00:01,000 --> 00:00:02,000\ngood morning\n\n2\n00:00:04,000 --> 00:00:05,000\nwe have three options\n\n"
    )


def test_vtt_of_a_translation() -> None:
    """The header, then cues in the target language."""
    assert export(SESSION, RECORDS, ExportFormat.VTT, "es") == (
        "WEBVTT\n\n"
        "1\n00:00:01.000 --> 00:00:02.000\nbuenos días\n\n"
        "2\n00:00:04.000 --> 00:00:05.000\ntenemos tres opciones\n\n"
    )


def test_txt_has_a_line_per_segment() -> None:
    """Plain text, in the order of speaking whatever the order of the records."""
    assert export(SESSION, RECORDS[::-1], ExportFormat.TXT, "es") == "buenos días\ntenemos tres opciones\n"


def test_json_has_the_documented_shape() -> None:
    """Every documented field, times in seconds."""
    content = json.loads(export(SESSION, RECORDS, ExportFormat.JSON, ""))
    assert content["session_id"] == SESSION.session_id
    assert (content["source_language_code"], content["language_code"]) == ("en", "en")
    assert content["segments"][0] == {
        "segment_id": "000000016000",
        "start": 1.0,
        "end": 2.0,
        "text": "good morning",
        "model": "asr_pocketsphinx",
        "lag_ms": 512.25,
        "hop_times_ms": {"asr": 20.5, "asr.triton": 12.25},
        "confidence": 0.9,
        "words": [
            {"text": "good", "start": 1.0, "end": 1.5, "confidence": 0.9},
            {"text": "morning", "start": 1.5, "end": 2.0, "confidence": 0.9},
        ],
    }


def test_transcript_and_translation_fit_together() -> None:
    """Both JSON files have the same segments at the same times, and only the transcript has words."""
    transcript, translation = (json.loads(export(SESSION, RECORDS, ExportFormat.JSON, code)) for code in ("", "es"))
    places = [
        [(segment["segment_id"], segment["start"], segment["end"]) for segment in content["segments"]]
        for content in (transcript, translation)
    ]
    assert places[0] == places[1]
    assert translation["language_code"] == "es"
    assert "words" not in translation["segments"][0]


@pytest.mark.parametrize(
    ("export_format", "expected"), [("srt", ""), ("vtt", "WEBVTT\n\n"), ("txt", "")], ids=["srt", "vtt", "txt"]
)
def test_nothing_said_is_an_empty_file(export_format: str, expected: str) -> None:
    """A session without speech gives a valid file without cues."""
    assert export(SESSION, [], ExportFormat(export_format), "") == expected
    assert ExportFormat(export_format) in MEDIA_TYPES


def test_a_transcript_is_split_at_its_words() -> None:
    """A long segment's cues start where their first words were spoken and end with the segment."""
    segment = long_segment()
    cues = cues_of([segment])
    assert len(cues) > 2
    spoken = {f"word{place:02d}": word.start_sample // 16 for place, word in enumerate(segment.words)}
    assert [cue.start_ms for cue in cues] == [spoken[cue.lines[0].split()[0]] for cue in cues]
    assert cues[-1].end_ms == segment.end_sample // 16


def test_a_translation_is_split_by_length() -> None:
    """A long translation's cues share the segment's time in proportion to their characters."""
    record = replace(examples.translation(long_segment(), 2), text=LONG)
    cues = cues_of([record])
    lengths = [sum(map(len, cue.lines)) for cue in cues]
    for cue, length in zip(cues, lengths, strict=True):
        assert cue.end_ms - cue.start_ms == pytest.approx(20_000 * length / sum(lengths), abs=2)


def test_a_short_cue_stays_while_there_is_room() -> None:
    """A cue lasts a second at least, but never into the next one."""
    blink = replace(FIRST, end_sample=FIRST.start_sample + 1_600)
    crowding = replace(FIRST, start_sample=FIRST.start_sample + 8_000, end_sample=FIRST.start_sample + 9_600)
    assert [(cue.start_ms, cue.end_ms) for cue in cues_of([blink, crowding])] == [(1_000, 1_500), (1_500, 2_500)]


@given(st.lists(texts, min_size=1, max_size=4), st.booleans())
def test_cues_keep_every_word_and_never_overlap(spoken: list[str], translated: bool) -> None:
    """Whatever is said, all of it stands in cues of two lines at most, one after the other."""
    segments = [
        examples.segment(SESSION.session_id, number, number * 2, text) for number, text in enumerate(spoken, start=1)
    ]
    records: list[Record] = (
        [examples.translation(segment, segment.event_number, segment.text) for segment in segments]
        if translated
        else [*segments]
    )
    cues = cues_of(records)
    assert [word for cue in cues for line in cue.lines for word in line.split()] == " ".join(spoken).split()
    assert all(len(cue.lines) <= MAX_LINES for cue in cues)
    assert all(len(line) <= MAX_LINE_CHARACTERS or " " not in line for cue in cues for line in cue.lines)
    assert all(cue.start_ms <= cue.end_ms <= following.start_ms for cue, following in pairwise(cues))


@pytest.mark.parametrize("text", ["{curly} braces", "a <b>tag</b> & more", r"C:\new \host", "a --> b"])
@pytest.mark.parametrize("export_format", [ExportFormat.SRT, ExportFormat.VTT])
def test_text_that_looks_like_markup_is_kept(text: str, export_format: ExportFormat) -> None:
    """Nothing spoken is taken for styling or lost."""
    rendered = export(SESSION, [replace(FIRST, text=text, words=())], export_format, "")
    escaped = rendered.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\N{WORD JOINER}", "")
    assert text in escaped
    assert (export_format is ExportFormat.VTT) == ("&gt;" in rendered) or ">" not in text
    assert len(pysubs2.SSAFile.from_string(rendered, export_format.value)) == 1
