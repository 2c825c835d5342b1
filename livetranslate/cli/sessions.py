"""`livetranslate sessions`: list, show, export, listen to and delete stored sessions."""

import sys
import wave
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from livetranslate.cli.captions import clock, seconds
from livetranslate.cli.problems import CommandError
from livetranslate.cli.server import LOCAL_ADDRESS, ServerOption
from livetranslate.client import Client
from livetranslate.client.requests import Format, SubtitleOptions
from livetranslate.v1 import gateway_pb2

_HEADINGS: Final = ("id", "started", "state", "languages", "duration", "segments", "title")
_EXPORT_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate sessions export SESSION_ID --format srt > talk.srt

livetranslate sessions export SESSION_ID --format vtt --language es --output talk.es.vtt"""

_AUDIO_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate sessions audio SESSION_ID talk.wav

livetranslate sessions audio SESSION_ID talk.es.wav --language es"""

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The session, as `livetranslate sessions list` names it.")
]

app = typer.Typer(help="List, show, export, listen to and delete stored sessions.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Adds the commands."""
    parent.add_typer(app, name="sessions")


@app.command("list", epilog="[bold]Example[/bold]\n\nlivetranslate sessions list")
def list_(server: ServerOption = None) -> None:
    """Lists all sessions, newest first; in a pipe, a line each with tabs between the columns."""
    console = Console()
    with Client(server or LOCAL_ADDRESS) as client:
        rows = map(_row, client.list_sessions())
        if not console.is_terminal:
            for row in rows:
                typer.echo("\t".join(row))
            return
        table = Table(Column(_HEADINGS[0], no_wrap=True), *_HEADINGS[1:])  # an id is there to be copied
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)


@app.command(epilog="[bold]Example[/bold]\n\nlivetranslate sessions show SESSION_ID", no_args_is_help=True)
def show(session_id: IdArgument, server: ServerOption = None) -> None:
    """Shows what is known of one session."""
    with Client(server or LOCAL_ADDRESS) as client:
        session = client.get_session(session_id)
    times = (_time(session, "end_time"), _time(session, "expire_time"))
    for heading, value in zip((*_HEADINGS, "ended", "kept until"), (*_row(session), *times), strict=True):
        typer.echo(f"{heading + ':':<12}{value}".rstrip())


@app.command(epilog=_EXPORT_EXAMPLES, no_args_is_help=True)
def export(
    *,
    session_id: IdArgument,
    export_format: Annotated[Format, typer.Option("--format", help="SubRip, WebVTT, JSON with times, or plain text.")],
    language: Annotated[
        str, typer.Option(help="A target language, for its translation; without, the transcript.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write to this file; without, to standard output.")
    ] = None,
    max_line_characters: Annotated[
        int | None, typer.Option(min=10, max=200, help="Characters in a line of subtitles. Default: 42.")
    ] = None,
    max_line_count: Annotated[int | None, typer.Option(min=1, max=4, help="Lines of a subtitle. Default: 2.")] = None,
    min_seconds: Annotated[
        float | None, typer.Option(min=0.1, max=10, help="Shortest time of a subtitle on the screen. Default: 1.")
    ] = None,
    max_characters_per_second: Annotated[
        int | None, typer.Option(min=5, max=50, help="How fast viewers read. Default: 17.")
    ] = None,
    server: ServerOption = None,
) -> None:
    """Renders a session's transcript, or one of its translations, as a file."""
    subtitles = SubtitleOptions(
        max_line_characters=max_line_characters or 0,
        max_line_count=max_line_count or 0,
        min_duration=timedelta(seconds=min_seconds or 0),
        max_characters_per_second=max_characters_per_second or 0,
    )
    with Client(server or LOCAL_ADDRESS) as client:
        content = client.export_session(session_id, export_format, language=language, **subtitles)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)


@app.command(epilog=_AUDIO_EXAMPLES, no_args_is_help=True)
def audio(
    session_id: IdArgument,
    path: Annotated[Path, typer.Argument(metavar="FILE.wav", dir_okay=False, help="The WAV file to write.")],
    language: Annotated[str, typer.Option(help="A target language, for its speech; without, what was spoken.")] = "",
    server: ServerOption = None,
) -> None:
    """Writes a session's audio, or its speech in one language, as a WAV file, where the server was asked to keep it."""
    with Client(server or LOCAL_ADDRESS) as client:
        pieces = client.read_audio(session_id, language)
        if (first := next(pieces, None)) is None:
            raise CommandError("nothing is stored. `livetranslate translate --store-audio --store-speech` stores it.")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(first.sample_rate_hertz)
            for piece in chain([first], pieces):
                file.writeframesraw(piece.audio)


@app.command(epilog="[bold]Example[/bold]\n\nlivetranslate sessions delete SESSION_ID", no_args_is_help=True)
def delete(session_id: IdArgument, server: ServerOption = None) -> None:
    """Deletes a session that is not active, with everything stored of it."""
    with Client(server or LOCAL_ADDRESS) as client:
        client.delete_session(session_id)
    typer.echo(f"Deleted session {session_id}.")


def _row(session: gateway_pb2.Session) -> tuple[str, ...]:
    """A session as the cells of a line."""
    return (
        session.session_id,
        _time(session, "start_time"),
        gateway_pb2.SessionState.Name(session.state).removeprefix("SESSION_STATE_").lower(),
        f"{session.source_language_code} → {', '.join(session.target_language_codes)}".removesuffix(" → "),
        clock(seconds(session.audio_duration)),
        str(session.segment_count),
        session.title,
    )


def _time(session: gateway_pb2.Session, field: Literal["start_time", "end_time", "expire_time"]) -> str:
    time: Timestamp = getattr(session, field)
    return time.ToDatetime().strftime("%Y-%m-%d %H:%M UTC") if session.HasField(field) else ""
