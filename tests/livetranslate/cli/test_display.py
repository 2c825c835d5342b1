import io

from rich.console import Console

from livetranslate.cli.captions import Captions
from livetranslate.cli.display import LiveDisplay, PlainDisplay, caption_text
from livetranslate.v1.gateway_pb2 import SessionEvent
from livetranslate.v1.types_pb2 import Notice
from tests.livetranslate.fake_gateway import transcript, translation


def terminal() -> Console:
    """A terminal that remembers what was drawn, without colours."""
    return Console(file=io.StringIO(), force_terminal=True, no_color=True, width=60, height=20)


def drawn(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_unstable_text_is_dim() -> None:
    """Text that may still change looks different from text that stays."""
    captions = Captions("en")
    captions.receive(transcript(0, "good", "morning"))
    captions.receive(translation(0, "es", 1))
    text = caption_text(captions.recent[0])
    assert text.plain == "  00:00.0  en: good morning\n           es: es 0"
    dim = [text.plain[span.start : span.end] for span in text.spans if span.style == "dim italic"]
    assert dim == [" morning"]


def test_plain_display_shows_finals_only() -> None:
    """Drafts leave no trace in a pipe, and a notice goes to the other stream."""
    out, messages = Console(file=io.StringIO(), width=20), Console(file=io.StringIO(), width=20)
    display = PlainDisplay(out, messages, "en")
    with display:
        display.show(transcript(0, "[good]", "mor"))
        display.show(transcript(0, "[good] morning everyone out there", final=1))
        display.show(SessionEvent(notice=Notice(message="No translation into 'es' for now.")))
    assert drawn(out) == "[00:00.0 → 00:01.0] en: [good] morning everyone out there\n"
    assert drawn(messages) == "Notice: No translation into 'es' for now.\n"


def test_live_display_keeps_everything_said() -> None:
    """Each caption ends up on the terminal for good, in order, with its last text."""
    console = terminal()
    display = LiveDisplay(console, "en", duration_seconds=10.0)
    with display:
        for start in range(6):
            display.show(transcript(start, "draft", "tail"))
            display.show(transcript(start, f"word {start}", final=1))
        display.show(SessionEvent(notice=Notice(message="Draining.")))
    kept = drawn(console).rpartition("Draining.")[2]
    assert [f"word {start}" in kept for start in range(2, 6)] == [True] * 4
    assert kept.index("word 2") < kept.index("word 5")
    assert "word 0" in drawn(console)


def test_live_display_shows_progress() -> None:
    """A file's position, its length and the lag are on the screen."""
    console = terminal()
    display = LiveDisplay(console, "en", duration_seconds=90.0)
    with display:
        display.show(transcript(0, "good"))
    assert "00:01.0" in drawn(console)
    assert "01:30.0" in drawn(console)
    assert "lag 0.2 s" in drawn(console)
