"""The long form: `python -m tests.chaos` lets hundreds of things go wrong and prints what became of it."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.chaos.report import story_of, table_of, totals_of, write_report
from tests.chaos.suite import Judged, Options, run_suite


def main(
    chaos_seed: Annotated[int, typer.Option(help="Decides what goes wrong, and when.")] = 1,
    faults: Annotated[int, typer.Option(help="How many faults at least.", min=1)] = 200,
    run_seconds: Annotated[float, typer.Option(help="How long the sessions of each run speak.")] = 100.0,
    first_run: Annotated[int, typer.Option(help="The run to begin with, to make one again.")] = 0,
) -> None:
    """Kill, freeze and cut off everything while sessions speak, and compare every word."""
    console = Console(width=140, soft_wrap=True)
    folder = Path(tempfile.mkdtemp(prefix="livetranslate-chaos-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user of its own and has to get through
    console.print(f"seed {chaos_seed}, logs in {folder}")

    def report(run: Judged) -> None:
        console.print("\n".join(story_of(run)), highlight=False, markup=False)

    results = run_suite(Options(chaos_seed, faults, run_seconds, first_run), folder, report)
    console.print(table_of(results), totals_of(results))
    console.print(f"Written to {write_report(results)}")
    if not all(run.is_right for run in results.runs):
        console.print(f"Something is wrong: make a run again with --chaos-seed {chaos_seed} --first-run N")
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
