"""`livetranslate up`: the whole system on this machine."""

import signal
import time
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from livetranslate.cli.budget import chosen_budget_mib
from livetranslate.cli.problems import CommandError
from livetranslate.cli.profile import ProfileOption, chosen
from livetranslate.cli.server import LOCAL_ADDRESS
from livetranslate.settings import Address
from livetranslate.stack import Stack, StackOptions, running_stack
from livetranslate.stack.profiles import AUTO
from livetranslate.stack.stack import default_data_folder

_POLL_SECONDS: Final = 0.5
_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate up

livetranslate up --profile embedded [dim]# without looking for anything better[/dim]

livetranslate up --listen 0.0.0.0:50051 [dim]# reachable from other machines; there is no encryption[/dim]

livetranslate up --web 127.0.0.1:8080 [dim]# with an HTTP door for files[/dim]

LIVETRANSLATE_DATABASE_URL=postgresql://me@db/live livetranslate up [dim]# everything but the database[/dim]

OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 livetranslate up [dim]# with traces[/dim]"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLES)(up)


def _checked(listen: str) -> str:
    try:
        return TypeAdapter(Address).validate_python(listen)
    except ValidationError:
        raise typer.BadParameter(f"{listen!r} must be HOST:PORT, for example {LOCAL_ADDRESS}.") from None


def _checked_web(web: str) -> str:
    return _checked(web) if web else ""


def up(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where the gateway listens.", callback=_checked)
    ] = LOCAL_ADDRESS,
    web: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT", help="Where it answers clients of OpenAI's audio API.", callback=_checked_web
        ),
    ] = "",
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where sessions and logs are kept.", envvar="LIVETRANSLATE_DATA_DIR"),
    ] = None,
    profile: ProfileOption = AUTO,
) -> None:
    """Starts everything that is missing: PostgreSQL, Triton, asr, mt, tts and the gateway. Ctrl-C stops it.

    A part whose address is set is not started: LIVETRANSLATE_DATABASE_URL, LIVETRANSLATE_TRITON_URL,
    LIVETRANSLATE_ASR_URL, LIVETRANSLATE_MT_URL, LIVETRANSLATE_TTS_URL.

    `livetranslate models pull` fetches better models than those that come along.
    """
    data_folder = data_dir or default_data_folder()
    profile = chosen(profile)
    options = StackOptions(
        gateway_address=listen,
        web_address=web,
        profile=profile,
        data_folder=data_folder,
        memory_budget_mib=chosen_budget_mib(profile),
    )
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both raise KeyboardInterrupt, also while starting
    with console.status("Starting …") as status, running_stack(options) as stack:
        status.stop()
        console.print(_listing(stack, options))
        for model, missing in stack.left_out.items():
            console.print(f"Without {model}: {missing}", markup=False)
        if web:
            console.print(f"OpenAI clients: base_url=http://{web}/v1", markup=False)
        console.print("Ready. Ctrl-C stops everything.")
        try:
            _wait_for_death(stack)
        except KeyboardInterrupt:
            console.print("Stopping …")


def _wait_for_death(stack: Stack) -> NoReturn:
    """Watch the parts.

    Raises:
        CommandError: One of them has ended by itself.
    """
    while (death := stack.dead_part()) is None:
        time.sleep(_POLL_SECONDS)
    raise CommandError(f"{death}\nEverything else was stopped, too.")


def _listing(stack: Stack, options: StackOptions) -> Table:
    table = Table("part", "address", "metrics", "process", box=None)
    for name, address in stack.addresses.items():
        part = stack.parts.get(name)
        metrics = stack.metrics_addresses.get(name)
        table.add_row(
            name, address, f"http://{metrics}/metrics" if metrics else "", str(part.pid) if part else "not ours"
        )
    if (postgres := stack.parts.get("postgres")) is not None:
        table.add_row("postgres", str(options.data_folder / "postgres"), "", str(postgres.pid))
    return table
