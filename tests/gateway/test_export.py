"""Files of a session: what stands in them, and that they fit together."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cues import cues_of
from gateway.export import MEDIA_TYPES, ExportFormat, export
from gateway.store.records import FinalRecord
from gateway.subtitle_options import SubtitleOptions
from tests.gateway import examples

SESSION = examples.session()
FIRST = examples.segment(SESSION.session_id, 1, 1, "good morning")
SECOND = examples.segment(SESSION.session_id, 3, 4, "we have three options")
RECORDS: list[FinalRecord] = [
    FIRST,
    examples.translation(FIRST, 2, "buenos días"),
    SECOND,
    examples.translation(SECOND, 4, "tenemos tres opciones"),
]
USUAL = SubtitleOptions()
SECOND_SAMPLES = 16_000


def _exported(records: Sequence[FinalRecord], export_format: ExportFormat, language_code: str = "") -> str:
    return export(SESSION, records, export_format, language_code, USUAL)


def test_srt_of_the_transcript() -> None:
    """Numbered cues with times and text."""
    assert _exported(RECORDS, ExportFormat.SRT) == (
        "1\n00:00:01,000 --> 00:00:02,000\ngood morning\n\n2\n00:00:04,000 --> 00:00:05,236\nwe have three options\n\n"
    )


def test_vtt_of_a_translation() -> None:
    """The header, then cues in the target language."""
    assert _exported(RECORDS, ExportFormat.VTT, "es") == (
        "WEBVTT\n\n"
        "1\n00:00:01.000 --> 00:00:02.000\nbuenos días\n\n"
        "2\n00:00:04.000 --> 00:00:05.236\ntenemos tres opciones\n\n"
    )


def test_txt_has_a_line_per_segment() -> None:
    """Plain text, in the order of speaking whatever the order of the records."""
    assert _exported(RECORDS[::-1], ExportFormat.TXT, "es") == "buenos días\ntenemos tres opciones\n"


def test_json_has_the_documented_shape() -> None:
    """Every documented field, times in seconds."""
    content = json.loads(_exported(RECORDS, ExportFormat.JSON))
    assert content["session_id"] == SESSION.session_id
    assert (content["source_language_code"], content["language_code"]) == ("en", "en")
    assert content["segments"][0] == {
        "segment_id": "000000016000",
        "start": 1.0,
        "end": 2.0,
        "language_code": "en",
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


def test_json_tells_how_good_a_translation_seems_to_be() -> None:
    """With what speaks against it, and which models were tried in vain."""
    segment = json.loads(_exported(RECORDS, ExportFormat.JSON, "es"))["segments"][0]
    assert (segment["language_code"], segment["text"], segment["model"]) == ("es", "buenos días", "mt_apertium")
    assert (segment["quality"], segment["quality_reasons"]) == (0.75, ["TERM_MISSED"])
    assert (segment["missed_terms"], segment["rejected_models"]) == (["morning"], ["mt_other"])
    assert "words" not in segment


def test_transcript_and_translation_fit_together() -> None:
    """Both JSON files have the same segments at the same times, and only the transcript has words."""
    transcript, translation = (json.loads(_exported(RECORDS, ExportFormat.JSON, code)) for code in ("", "es"))
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
    assert _exported([], ExportFormat(export_format)) == expected
    assert ExportFormat(export_format) in MEDIA_TYPES


texts = st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=20).map(" ".join)


@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from([ExportFormat.SRT, ExportFormat.VTT]))
def test_subtitles_can_be_read_by_players(spoken: list[str], export_format: ExportFormat) -> None:
    """Whatever is said, a parser finds the cues, in order and without overlap."""
    records = [
        replace(
            FIRST, start_sample=SECOND_SAMPLES * place, end_sample=SECOND_SAMPLES * (place + 1), text=text, words=()
        )
        for place, text in enumerate(spoken)
    ]
    parsed = pysubs2.SSAFile.from_string(_exported(records, export_format), export_format.value)
    cues = cues_of(records, USUAL)
    assert [(event.start, event.end) for event in parsed] == [(cue.start_ms, cue.end_ms) for cue in cues]


@pytest.mark.parametrize("text", ["{curly} braces", "a <b>tag</b> & more", r"C:\new \host", "a --> b"])
@pytest.mark.parametrize("export_format", [ExportFormat.SRT, ExportFormat.VTT])
def test_text_that_looks_like_markup_is_kept(text: str, export_format: ExportFormat) -> None:
    """Nothing spoken is taken for styling or lost."""
    rendered = _exported([replace(FIRST, text=text, words=())], export_format)
    escaped = rendered.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\N{WORD JOINER}", "")
    assert text in escaped
    assert (export_format is ExportFormat.VTT) == ("&gt;" in rendered) or ">" not in text
    assert len(pysubs2.SSAFile.from_string(rendered, export_format.value)) == 1
