"""The real ghz against the real system, for seconds."""

import shutil
import sys
from pathlib import Path

import pytest

from bench.ghz.report import run_ghz
from livetranslate.stack import Stack

needs_ghz = pytest.mark.skipif(
    shutil.which("ghz") is None and not Path(sys.executable).with_name("ghz").exists(),
    reason="ghz is not installed: make setup builds it where Go is",
)


@needs_ghz
@pytest.mark.slow
def test_sessions_are_opened_and_closed(null_system: Stack) -> None:
    """A session that says next to nothing is opened and ends well; ghz knows the messages by reflection."""
    options = ("--total", "8", "--concurrency", "4", "--connections", "4", "--rps", "3")
    report = run_ghz("open_close", null_system.gateway_address, *options)
    assert (report.count, report.statuses) == (8, {"OK": 8})


@needs_ghz
@pytest.mark.slow
def test_sessions_speak_at_the_pace_of_speech(null_system: Stack) -> None:
    """Five seconds of audio in chunks of 100 ms take five seconds, and every session comes to its end."""
    options = ("--total", "4", "--concurrency", "4", "--connections", "4", "--rps", "3")
    report = run_ghz("speak", null_system.gateway_address, *options)
    assert (report.count, report.statuses) == (4, {"OK": 4})
    assert report.latency_ms[50] > 5_000


@needs_ghz
@pytest.mark.slow
def test_texts_are_translated(null_system: Stack) -> None:
    """Unary translations are asked of mt, without the gateway."""
    report = run_ghz("translate_text", null_system.addresses["mt"], "--total", "200")
    assert (report.count, report.statuses) == (200, {"OK": 200})
    assert report.latency_ms.keys() >= {50, 95, 99}
