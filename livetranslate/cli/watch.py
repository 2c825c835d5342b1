"""`livetranslate watch`: follow a session that somebody else speaks in."""

from typing import Annotated, Final

import typer

from livetranslate.cli.connection import ADMISSION_SECONDS, report
from livetranslate.cli.display import display_for
from livetranslate.cli.server import LOCAL_ADDRESS, ServerOption
from livetranslate.client import Client

_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate watch SESSION_ID

livetranslate watch SESSION_ID > captions.txt"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLES, no_args_is_help=True)(watch)


def watch(
    session_id: Annotated[
        str, typer.Argument(metavar="ID", help="The session, as `livetranslate sessions list` names it.")
    ],
    server: ServerOption = None,
) -> None:
    """Shows the captions of a session: what was said so far, then what is being said, until it ends.

    A connection that breaks is replaced, and what was missed meanwhile comes first.
    """
    with Client(server or LOCAL_ADDRESS) as client:
        display = display_for(client.get_session(session_id).source_language_code)
        with display:
            for event in client.watch(session_id, admission_seconds=ADMISSION_SECONDS, on_connection=report):
                display.show(event)
