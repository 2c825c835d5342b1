"""`livetranslate models`: list, pull, verify and remove weights, tell their licences, and render what is served."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from livetranslate.cli.problems import CommandError
from livetranslate.cli.profile import ProfileOption, chosen
from livetranslate.hub.licenses import render_licenses
from livetranslate.hub.manifest import MANIFEST, ManifestError, Offer, read_manifest, select
from livetranslate.stack.profiles import AUTO
from livetranslate.stack.ranks import default_ranks
from livetranslate.stack.stack import default_model_repository
from livetranslate.stack.triton import TritonOptions, render_repository
from livetranslate.weights import Weights, WeightsError, damage, default_models_folder, find_weights

_HEADINGS: Final = ("installed", "name", "engine", "languages", "size", "licence", "commercial use", "profiles")
_PULL_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate models pull --profile cpu [dim]# English ↔ Spanish, French, German, Vietnamese[/dim]

livetranslate models pull whisper-large-v3-turbo

HF_ENDPOINT=https://mirror.example livetranslate models pull --profile cpu [dim]# from a mirror[/dim]"""

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="NAME...", help="Weights, as `livetranslate models list` names them.")
]

app = typer.Typer(
    help="List, pull, verify and remove weights of models; render what a Triton serves.", no_args_is_help=True
)


def register(parent: typer.Typer) -> None:
    """Adds the commands."""
    parent.add_typer(app, name="models")


@app.command("list", epilog="[bold]Example[/bold]\n\nlivetranslate models list --profile cpu")
def list_(
    profile: Annotated[str, typer.Option(help="Only what serves this profile.")] = "",
) -> None:
    """Lists what can be pulled, and what is installed; in a pipe, a line each with tabs between the columns."""
    with _explained():
        offers = _offers()
        rows = [*_rows(offers), *(_own_row(weights) for weights in _installed() if weights.name not in offers)]
    if profile:
        known = sorted({each for row in rows for each in row[-1].split()})
        if profile not in known:
            raise CommandError(f"No weights are for a profile {profile!r}. There are: {', '.join(known)}.")
        rows = [row for row in rows if profile in row[-1].split()]
    console = Console()
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*_HEADINGS[:1], Column(_HEADINGS[1], no_wrap=True), *_HEADINGS[2:], box=None)
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)
    console.print(f"Installed in {default_models_folder()}", markup=False)


@app.command(epilog=_PULL_EXAMPLES, no_args_is_help=True)
def pull(
    *,
    names: NamesArgument = None,
    profile: Annotated[str, typer.Option(help="A set for this profile: cpu, openvino or gpu.")] = "",
    accept_license: Annotated[
        bool, typer.Option("--accept-license", help="Also weights whose commercial use is forbidden or unclear.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Also what is installed already.")] = False,
) -> None:
    """Fetches weights from the hub, verifies every byte and installs them.

    A pull that was interrupted goes on where it stopped. HF_ENDPOINT names a mirror, HF_TOKEN says who asks,
    LIVETRANSLATE_MODELS_DIR where weights are installed.
    """
    from livetranslate.hub.install import install  # noqa: PLC0415, the hub's client takes its time to load

    with _explained():
        offers = select(_offers(), names or [], profile)
        if not offers:
            raise CommandError("What is to be pulled? Name weights, or a profile with --profile.")
        _refuse_unaccepted(offers, is_accepted=accept_license)
        for offer in offers:
            with _bar(offer.name) as tell:
                is_new = install(offer, default_models_folder(), tell, force=force)
            typer.echo(f"{offer.name}: {f'installed, {offer.license}' if is_new else 'was installed before'}")


@app.command(epilog="[bold]Example[/bold]\n\nlivetranslate models verify")
def verify(names: NamesArgument = None) -> None:
    """Reads installed weights and compares every byte with what was installed; all without names."""
    with _explained():
        installed = {weights.name: weights for weights in _installed()}
        if unknown := [name for name in names or () if name not in installed]:
            raise CommandError(f"{', '.join(unknown)} is not installed. There are: {', '.join(installed) or 'none'}.")
    problems = {name: damage(installed[name]) for name in names or installed}
    for name, problem in problems.items():
        typer.echo(f"{name}: {problem or 'whole'}")
    if damaged := [name for name, problem in problems.items() if problem]:
        raise CommandError(f"Pull them again: livetranslate models pull --force {' '.join(damaged)}")


@app.command(epilog="[bold]Example[/bold]\n\nlivetranslate models remove whisper-large-v3", no_args_is_help=True)
def remove(names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Installed weights.")]) -> None:
    """Deletes installed weights. A server that has loaded them goes on with them until it stops."""
    from livetranslate.hub import install  # noqa: PLC0415

    with _explained():
        for name in names:
            install.remove(name, default_models_folder())
            typer.echo(f"Removed {name}.")


@app.command(epilog="[bold]Example[/bold]\n\nlivetranslate models licenses > licenses.md")
def licenses() -> None:
    """Prints the licences of all that can be pulled, and whom to credit, as Markdown."""
    with _explained():
        typer.echo(render_licenses(_offers().values()), nl=False)


@app.command(
    epilog="[bold]Example[/bold]\n\nlivetranslate models render --profile gpu /srv/models", no_args_is_help=True
)
def render(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", file_okay=False, help="A folder that is empty, or new.")],
    profile: ProfileOption = AUTO,
    instances: Annotated[
        int,
        typer.Option(
            min=0,
            envvar="LIVETRANSLATE_MODEL_INSTANCES",
            help="Processes of each model that has one for each core; 0: as many as there are cores here. Say it where "
            "Triton may use fewer than there are, as in a container.",
        ),
    ] = 0,
) -> None:
    """Writes the models of a profile as a folder that a Triton of your own serves.

    It leads to the engines and weights of this machine: that Triton has to see them at the same paths.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty. Name a new folder, or empty this one.")
    options = TritonOptions(
        model_repository=default_model_repository(),
        profile=chosen(profile),
        models_folder=default_models_folder(),
        ranks=default_ranks(),
        instances=instances,
    )
    rendered = render_repository(options, folder)
    for name in rendered.names:
        typer.echo(name)
    for model in rendered.left_out:
        if not model.is_optional:
            typer.echo(f"Without {model.name}: {model.missing}", err=True)


@contextmanager
def _explained() -> Iterator[None]:
    """Turns what goes wrong with weights into the command's error."""
    from livetranslate.hub.install import InstallError  # noqa: PLC0415
    from livetranslate.hub.repository import HubError  # noqa: PLC0415

    try:
        yield
    except (ManifestError, WeightsError, HubError, InstallError) as error:
        raise CommandError(str(error)) from error


def _offers() -> dict[str, Offer]:
    return read_manifest(default_model_repository() / MANIFEST)


def _installed() -> list[Weights]:
    return find_weights(default_models_folder())


def _refuse_unaccepted(offers: Sequence[Offer], *, is_accepted: bool) -> None:
    refused = [] if is_accepted else [offer for offer in offers if offer.commercial_use != "yes"]
    if refused:
        reasons = [
            f"{offer.name} is under {offer.license}. Commercial use: {offer.commercial_use}. {offer.note}".rstrip()
            for offer in refused
        ]
        command = f"livetranslate models pull --accept-license {' '.join(offer.name for offer in offers)}"
        raise CommandError("\n".join([*reasons, f"If you may use that: {command}"]))


def _rows(offers: Mapping[str, Offer]) -> Iterator[tuple[str, ...]]:
    from livetranslate.hub.install import is_installed  # noqa: PLC0415

    folder = default_models_folder()
    for offer in offers.values():
        yield (
            "yes" if is_installed(offer, folder) else "older" if (folder / offer.name).is_dir() else "",
            offer.name,
            offer.engine,
            _abridged(offer.speaks) or "all of the engine's",
            f"{offer.download_mib:,} MiB",
            offer.license,
            offer.commercial_use,
            " ".join(offer.profiles),
        )


def _own_row(weights: Weights) -> tuple[str, ...]:
    """Weights that somebody has put there: what they may be used for is theirs to know."""
    speaks = weights.parameters.get("language_pairs") or weights.parameters.get("languages", "")
    size = sum(file.size_bytes for file in weights.files.values()) // 2**20
    name, engine, profiles = weights.name, weights.engine, " ".join(weights.profiles)
    return ("yes", name, engine, _abridged(speaks), f"{size:,} MiB", weights.license, "", profiles)


def _abridged(languages: str) -> str:
    known = languages.split()
    return " ".join(known) if len(known) <= 4 else f"{' '.join(known[:3])} and {len(known) - 3} more"


@contextmanager
def _bar(name: str) -> Iterator[Callable[[str, int, int], None]]:
    """Shows how much of all files has come; in a pipe, nothing."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    sizes: dict[str, int] = {}
    done: dict[str, int] = {}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None)

        def tell(file: str, size_bytes: int, done_bytes: int) -> None:
            sizes[file], done[file] = size_bytes, done_bytes
            progress.update(task, total=sum(sizes.values()), completed=sum(done.values()))

        yield tell
