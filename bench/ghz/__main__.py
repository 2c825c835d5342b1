"""All ghz configurations against the whole system on this machine, with engines that cost nothing.

`python -m bench.ghz`; `bench/ghz/run` runs one of them against any address.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bench.ghz.report import NAMES, Report, run_ghz
from bench.machine import machine_facts
from bench.report import write_results
from bench.system import running_system

_PERCENTILES = (50, 90, 95, 99)


def main() -> None:
    """Load the system with ghz."""
    bin_folder = Path(sys.executable).parent
    if shutil.which("ghz", path=f"{bin_folder}{os.pathsep}{os.environ['PATH']}") is None:
        raise SystemExit("ghz is missing: make setup builds it where Go is; or see https://ghz.sh/docs/install")
    facts = machine_facts()
    with running_system() as stack:
        addresses = {"translate_text": stack.addresses["mt"]}
        reports = [run_ghz(name, addresses.get(name, stack.gateway_address)) for name in NAMES]
    console = Console(width=120)  # also where the output goes to a file
    console.print(ghz_table(reports))
    console.print(f"Written to {write_results('ghz', {'machine': facts, 'reports': reports})}")


def ghz_table(reports: Sequence[Report]) -> Table:
    """What ghz says."""
    table = Table("calls", title="ghz: calls from beginning to end, ms")
    for heading in ("count", "calls / s", "statuses", *(f"p{percent}" for percent in _PERCENTILES)):
        table.add_column(heading, justify="right")
    for report in reports:
        statuses = ", ".join(f"{count} {status}" for status, count in report.statuses.items())
        latencies = (f"{report.latency_ms[percent]:,.1f}" for percent in _PERCENTILES if percent in report.latency_ms)
        table.add_row(report.name, str(report.count), f"{report.calls_per_second:.1f}", statuses, *latencies)
    return table


if __name__ == "__main__":
    typer.run(main)
