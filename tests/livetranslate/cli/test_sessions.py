import wave
from pathlib import Path

import pytest

from livetranslate.v1.gateway_pb2 import SESSION_STATE_SUSPENDED
from tests.livetranslate.cli.conftest import Livetranslate
from tests.livetranslate.fake_gateway import FakeGateway


@pytest.fixture(autouse=True)
def sessions(livetranslate: Livetranslate, recording: Path) -> None:
    """Three stored sessions."""
    for _ in range(3):
        livetranslate("translate", str(recording), "--source=en", "--target=es")


def test_list(livetranslate: Livetranslate) -> None:
    """Sessions are listed over all pages, newest first, a line each with tabs in a pipe."""
    done = livetranslate("sessions", "list")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert [row[0] for row in rows] == ["session-3", "session-2", "session-1"]
    assert rows[0][2:] == ["completed", "en → es", "00:03.5", "3", "talk.wav"]


def test_list_on_a_terminal(livetranslate: Livetranslate, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the list is a table with headings."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    out = livetranslate("sessions", "list").out
    assert out.index("languages") < out.index("session-3") < out.index("session-1")


def test_a_terminal_of_80_columns(
    livetranslate: Livetranslate, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids stay whole on a small terminal, and titles are shown to the letter."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    gateway.stored["session-1"].session_id = "0123456789abcdef" * 2
    gateway.stored["session-1"].title = "[/b]"
    out = livetranslate("sessions", "list").out
    assert "0123456789abcdef" * 2 in out
    assert "[/b]" in out


def test_show(livetranslate: Livetranslate) -> None:
    """A session is shown a fact a line."""
    lines = livetranslate("sessions", "show", "session-2").out.splitlines()
    assert lines[0] == "id:         session-2"
    assert "state:      completed" in lines
    assert "title:      talk.wav" in lines
    assert lines[-1].startswith("kept until:")


def test_export_to_standard_output(livetranslate: Livetranslate) -> None:
    """An export is written as the server renders it."""
    assert livetranslate("sessions", "export", "session-1", "--format", "vtt").out == "EXPORT_FORMAT_VTT "


def test_export_to_a_file(livetranslate: Livetranslate, tmp_path: Path) -> None:
    """A translation can be exported to a file."""
    path = tmp_path / "talk.srt"
    done = livetranslate("sessions", "export", "session-1", "--format=srt", "--language=es", f"--output={path}")
    assert (done.code, done.out, path.read_text()) == (0, "", "EXPORT_FORMAT_SRT es")


def test_delete(livetranslate: Livetranslate) -> None:
    """A deleted session is gone."""
    assert livetranslate("sessions", "delete", "session-2").out == "Deleted session session-2.\n"
    done = livetranslate("sessions", "show", "session-2")
    assert (done.code, done.err) == (1, "livetranslate: There is no session 'session-2'.")


def test_times_are_utc(livetranslate: Livetranslate, gateway: FakeGateway) -> None:
    """A listed time says which clock it is by."""
    gateway.stored["session-3"].start_time.FromJsonString("2026-02-03T04:05:06Z")
    assert "\t2026-02-03 04:05 UTC\t" in livetranslate("sessions", "list").out


def test_a_suspended_session(livetranslate: Livetranslate, gateway: FakeGateway) -> None:
    """A session whose stream broke is listed as one that may go on."""
    gateway.stored["session-3"].state = SESSION_STATE_SUSPENDED
    assert "\tsuspended\t" in livetranslate("sessions", "list").out


def test_subtitle_options(livetranslate: Livetranslate, gateway: FakeGateway) -> None:
    """How subtitles are cut reaches the server; what is not said is left to it."""
    livetranslate("sessions", "export", "session-1", "--format=srt", "--max-line-characters=30", "--min-seconds=1.5")
    (request,) = gateway.exports
    assert (request.subtitles.max_line_characters, request.subtitles.max_line_count) == (30, 0)
    assert request.subtitles.min_duration.ToMilliseconds() == 1_500


@pytest.mark.parametrize(("options", "rate", "frames"), [([], 16_000, 56_000), (["--language=es"], 8_000, 4_000)])
def test_audio(livetranslate: Livetranslate, tmp_path: Path, options: list[str], rate: int, frames: int) -> None:
    """Stored audio and stored speech become WAV files."""
    path = tmp_path / "audio.wav"
    assert livetranslate("sessions", "audio", "session-1", str(path), *options).code == 0
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (rate, frames, 1)


def test_audio_that_was_not_stored(livetranslate: Livetranslate, gateway: FakeGateway, tmp_path: Path) -> None:
    """Where nothing is stored no file is written, and the message says how to have it stored."""
    gateway.stores_audio = False
    done = livetranslate("sessions", "audio", "session-1", str(tmp_path / "audio.wav"))
    assert (done.code, (tmp_path / "audio.wav").exists()) == (1, False)
    assert "--store-audio" in done.err
