"""`livetranslate serve`: one service, in this process."""

import os
import sys
from enum import StrEnum
from typing import Annotated, Final

import typer

_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate serve asr [dim]# the same as: python -m asr[/dim]

LIVETRANSLATE_ASR_LISTEN=0.0.0.0:50052 LIVETRANSLATE_TRITON_URL=triton:8001 livetranslate serve asr

LIVETRANSLATE_DATABASE_URL=postgresql://me@db/live livetranslate serve gateway"""


class ServiceName(StrEnum):
    """The services."""

    GATEWAY = "gateway"
    ASR = "asr"
    MT = "mt"
    TTS = "tts"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLES, no_args_is_help=True)(serve)


def serve(name: Annotated[ServiceName, typer.Argument(help="The service to run.")]) -> None:
    """Runs one service until SIGTERM or Ctrl-C. Its settings are environment variables; see docs/settings.md."""
    os.execv(sys.executable, [sys.executable, "-m", name.value])  # noqa: S606 - becomes that process, with its signals
