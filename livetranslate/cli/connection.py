"""A broken connection, in a calm line for a person."""

import typer

from livetranslate.client import ConnectionEvent


def report(event: ConnectionEvent) -> None:
    """Says on standard error that the connection was lost, and when it is back; attempts between are not told."""
    if event.state == "lost":
        reason = event.error.message if event.error is not None else ""
        typer.echo(f"The connection to {event.address} was lost ({reason}). Trying to go on …", err=True)
    elif event.state == "resumed":
        typer.echo(f"Connected to {event.address} after {event.after_seconds:.1f} s.", err=True)
