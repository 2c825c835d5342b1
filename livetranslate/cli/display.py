"""Captions on the screen: growing on a terminal, a line per final in a pipe."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from livetranslate.cli.captions import Caption, Captions, clock, utterance_of
from livetranslate.v1 import gateway_pb2


class Display(AbstractContextManager[None], Protocol):
    """Shows events while its context is open."""

    def show(self, event: gateway_pb2.SessionEvent) -> None:
        """Shows what an event changes."""


def display_for(source: str, duration_seconds: float | None = None) -> Display:
    """Chooses how to show captions: live where standard output is a terminal."""
    console, messages = Console(), Console(stderr=True)
    if console.is_terminal:
        return LiveDisplay(console, source, duration_seconds)
    return PlainDisplay(console, messages, source)


class PlainDisplay(nullcontext[None]):
    """A line of text for each final transcript and translation; notices go to the other console."""

    def __init__(self, console: Console, messages: Console, source: str) -> None:
        super().__init__()
        self._console = console
        self._messages = messages
        self._source = source

    def show(self, event: gateway_pb2.SessionEvent) -> None:
        utterance = utterance_of(event, self._source)
        if utterance is not None and utterance.is_final:
            self._console.print(utterance.line, markup=False, highlight=False, soft_wrap=True)
        if event.HasField("notice"):
            self._messages.print(f"Notice: {event.notice.message}", markup=False, highlight=False, soft_wrap=True)


class LiveDisplay(AbstractContextManager[None]):
    """The newest captions, redrawn as they grow; older ones stay above them for good."""

    def __init__(self, console: Console, source: str, duration_seconds: float | None) -> None:
        self._captions = Captions(source)
        self._duration_seconds = duration_seconds
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        for caption in self._captions.recent:
            self._console.print(caption_text(caption))

    def show(self, event: gateway_pb2.SessionEvent) -> None:
        for caption in self._captions.receive(event):
            self._console.print(caption_text(caption))
        if event.HasField("notice"):
            self._console.print(Text(f"Notice: {event.notice.message}", style="yellow"))
        self._live.update(self._picture())  # drawn eight times a second at most, by a thread of its own

    def _picture(self) -> RenderableType:
        return Group(*map(caption_text, self._captions.recent), self._status())

    def _status(self) -> RenderableType:
        status = Table.grid(padding=(0, 1))
        position = min(self._captions.position_seconds, self._duration_seconds or self._captions.position_seconds)
        cells: list[RenderableType] = [Text(clock(position), style="cyan")]
        if self._duration_seconds:
            cells += [ProgressBar(self._duration_seconds, position, width=30), Text(clock(self._duration_seconds))]
        status.add_row(*cells, Text(f"lag {self._captions.lag_seconds:.1f} s", style="dim"))
        return status


def caption_text(caption: Caption) -> Text:
    """Renders a caption: its spoken text, and its translations under it; what may still change is dim."""
    lines: list[Text] = []
    for language, said in caption.utterances.items():
        lead = f"{clock(said.start_seconds):>9}  " if not lines else " " * 11
        line = Text.assemble((lead, "dim"), (f"{language}: ", "cyan"), said.committed)
        if said.unstable:
            line.append(f" {said.unstable}" if said.committed else said.unstable, style="dim italic")
        lines.append(line)
    return Text("\n").join(lines)
