"""`livetranslate sessions`: list, show, export and delete stored sessions."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from livetranslate.cli.captions import clock, seconds
from livetranslate.cli.server import LOCAL_ADDRESS, ServerOption
from livetranslate.client import Client
from livetranslate.client.requests import Format
from livetranslate.v1 import gateway_pb2

_HEADINGS: Final = ("id", "started", "state", "languages", "duration", "segments", "title")
_EXPORT_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate sessions export SESSION_ID --format srt > talk.srt

livetranslate sessions export SESSION_ID --format vtt --language es --output talk.es.vtt"""

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The session, as `livetranslate sessions list` names it.")
]

app = typer.Typer(help="List, show, export and delete stored sessions.", no_args_is_help=True)


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
    for heading, value in zip(_HEADINGS, _row(session), strict=True):
        typer.echo(f"{heading + ':':<11}{value}".rstrip())


@app.command(epilog=_EXPORT_EXAMPLES, no_args_is_help=True)
def export(
    session_id: IdArgument,
    export_format: Annotated[Format, typer.Option("--format", help="SubRip, WebVTT, JSON with times, or plain text.")],
    language: Annotated[
        str, typer.Option(help="A target language, for its translation; without, the transcript.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write to this file; without, to standard output.")
    ] = None,
    server: ServerOption = None,
) -> None:
    """Renders a session's transcript, or one of its translations, as a file."""
    with Client(server or LOCAL_ADDRESS) as client:
        content = client.export_session(session_id, export_format, language=language)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)


@app.command(epilog="[bold]Example[/bold]\n\nlivetranslate sessions delete SESSION_ID", no_args_is_help=True)
def delete(session_id: IdArgument, server: ServerOption = None) -> None:
    """Deletes a session that has ended, with everything stored of it."""
    with Client(server or LOCAL_ADDRESS) as client:
        client.delete_session(session_id)
    typer.echo(f"Deleted session {session_id}.")


def _row(session: gateway_pb2.Session) -> tuple[str, ...]:
    """A session as the cells of a line."""
    return (
        session.session_id,
        session.start_time.ToDatetime().strftime("%Y-%m-%d %H:%M") if session.HasField("start_time") else "",
        gateway_pb2.SessionState.Name(session.state).removeprefix("SESSION_STATE_").lower(),
        f"{session.source_language_code} → {', '.join(session.target_language_codes)}".removesuffix(" → "),
        clock(seconds(session.audio_duration)),
        str(session.segment_count),
        session.title,
    )
