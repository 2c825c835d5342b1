"""The command `livetranslate`. Each command has a file of its own; this one puts them together."""

import sys
from collections.abc import Sequence

import typer

from livetranslate.cli import doctor, models, serve, sessions, translate, up, watch
from livetranslate.cli.problems import CommandError, explain
from livetranslate.client import TranslateError
from livetranslate.errors import LiveTranslateError
from livetranslate.stack.process import StackError

app = typer.Typer(
    name="livetranslate",
    help="Live speech translation: speech in one language in, captions and speech in others out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # main() says what went wrong, for people
)
for command in (up, translate, watch, sessions, models, doctor, serve):
    command.register(app)


@app.callback()
def _commands() -> None:
    """Keeps the name of a command obligatory, however few there are."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits: 0, 1 for a failure, 2 for a wrong command, 130 for Ctrl-C."""
    try:
        app(arguments, prog_name="livetranslate")
    except (CommandError, StackError, TranslateError, LiveTranslateError, OSError) as error:
        sys.exit(f"livetranslate: {explain(error)}")
