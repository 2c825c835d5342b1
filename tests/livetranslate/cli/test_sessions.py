from pathlib import Path

import pytest

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
    assert lines[0] == "id:        session-2"
    assert "state:     completed" in lines
    assert "title:     talk.wav" in lines


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
