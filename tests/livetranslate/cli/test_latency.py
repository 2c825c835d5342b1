import pytest
from rich.console import Console

from livetranslate.cli.latency import Latency, Row, percentile
from livetranslate.v1.gateway_pb2 import SessionEvent, SessionSummary
from tests.livetranslate.fake_gateway import seconds, spoken, transcript, translation


def test_rows() -> None:
    """Finals count, drafts do not; of a segment's speech only the first sound counts."""
    latency = Latency()
    latency.receive(transcript(0, "good", "morning"))
    latency.receive(transcript(0, "good morning", final=1))
    latency.receive(translation(0, "es", 2))
    for start in range(2):
        latency.receive(spoken(start, "es", is_last=False))
        latency.receive(spoken(start, "es", is_last=True))
    assert latency.rows() == [
        Row("lag of final transcript", 1, 0.2, 0.2),
        Row("lag of final translation", 1, 0.3, 0.3),
        Row("lag of first audio", 2, 0.4, 0.4),
        Row("time in asr", 1, 0.1, 0.1),
        Row("time in mt", 1, 0.05, 0.05),
    ]


def test_report_has_the_totals() -> None:
    """The report begins with what the summary says."""
    latency = Latency()
    summary = SessionSummary(audio_duration=seconds(61), segment_count=3, word_count=12)
    latency.receive(SessionEvent(summary=summary))
    console = Console(width=80)
    with console.capture() as drawn:
        console.print(latency.report())
    assert drawn.get() == "01:01.0 of audio: 3 segments, 12 words\n", "no table where nothing was measured"


@pytest.mark.parametrize(("percent", "expected"), [(1, 1), (50, 5), (95, 10), (100, 10)])
def test_percentile(percent: int, expected: int) -> None:
    """A percentile is the nearest rank, one of the values themselves."""
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected
