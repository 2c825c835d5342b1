"""What `livetranslate doctor` finds, and how it shows it."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    to_do: str = ""  # empty: nothing is missing
    is_optional: bool = False

    @property
    def mark(self) -> str:
        """How it stands."""
        if not self.to_do:
            return "[green]✓[/green]"
        return "[yellow]·[/yellow]" if self.is_optional else "[red]✗[/red]"


def listing(findings: Iterable[Finding]) -> Table:
    """Renders what was found; commands to copy stay whole, whatever is in them and however narrow the screen is."""
    table = Table("", box=None)
    for heading in ("what", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(finding.mark, finding.what, escape(finding.found), escape(finding.to_do))
    return table
