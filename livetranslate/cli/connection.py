"""A broken connection, or one that is not to be had yet, in a calm line for a person."""

from typing import Final

import typer

from livetranslate.client import ConnectionEvent

ADMISSION_SECONDS: Final = 60.0  # a server that is busy for longer is too small: somebody should know


def report(event: ConnectionEvent) -> None:
    """Says on standard error that the connection was lost, and when it is back; attempts between are not told."""
    if event.state == "lost":
        reason = event.error.message if event.error is not None else ""
        typer.echo(f"The connection to {event.address} was lost ({reason}). Trying to go on …", err=True)
    elif event.state == "resumed":
        typer.echo(f"Connected to {event.address} after {event.after_seconds:.1f} s.", err=True)
    elif event.state == "refused":
        reason = event.error.message if event.error is not None else ""
        typer.echo(f"Waiting to be let in at {event.address}: {reason}", err=True)
