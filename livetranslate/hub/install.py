"""Makes weights of an offer: all its files fetched and verified beside the others, then put in place at once.

models/
  .partial/opus-en-es/      what has come of those that are being pulled
  opus-en-es/               whole and verified, or not there
    weights.json            what they are (see `livetranslate.weights`)
    source.json             where they are from
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from livetranslate.hub.download import fetch
from livetranslate.hub.manifest import SOURCE, Offer
from livetranslate.hub.repository import Expected, HubError, Repository
from livetranslate.weights import (
    DESCRIPTION,
    Weights,
    WeightsError,
    WeightsFile,
    describe_file,
    read_weights,
    write_weights,
)

FileProgress = Callable[[str, int, int], None]
"""Told a file's name, its size and how much of it there is, in bytes; at the beginning once for each."""

_PARTIAL: Final = ".partial"
_SPARE_BYTES: Final = 64 * 2**20  # left free on the disk for whatever else is written meanwhile


class InstallError(Exception):
    """Weights cannot be put in place, or taken away; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where installed weights are from.

    Attributes:
        repo: On the hub.
        commit: Of the repository.
        endpoint: Which hub, or mirror of it.
        verified_by: Who said what the files have to be: `manifest`; or `hub`, at the first pull.
    """

    repo: str
    commit: str
    endpoint: str
    verified_by: str


@dataclass(frozen=True, slots=True)
class _Plan:
    repository: Repository
    files: Mapping[str, Expected]
    verified_by: str


def install(
    offer: Offer, models_folder: Path, progress: FileProgress, *, endpoint: str = "", force: bool = False
) -> bool:
    """Pull weights.

    What an offer leaves open the hub says at the first pull. It is kept: pulled again, they have to be the same.

    Args:
        offer: Which.
        models_folder: Where to.
        progress: Told of each piece.
        endpoint: Where the hub is; empty: as `HF_ENDPOINT` says, or the public one.
        force: Also where they are installed, for they may be damaged.

    Returns:
        Whether there was anything to do.

    Raises:
        HubError: The hub does not give them.
        InstallError: Another process is pulling them, the disk is full, or something else is in their place.
    """
    target = models_folder / offer.name
    with _sole_use(models_folder, offer.name) as workshop:
        if not force and is_installed(offer, models_folder):
            return False
        if target.exists() and not force and read_source(target) is None:
            raise InstallError(f"{target} is in the way, and was not pulled. Move it away, or pull with --force.")
        plan = _plan(offer, target, endpoint)
        staging = workshop / plan.repository.revision
        _make_room(staging, plan.files, offer.name)
        for name, expected in plan.files.items():
            progress(name, expected.size_bytes, 0)
        for name, expected in plan.files.items():
            told = partial(progress, name, expected.size_bytes)
            fetch(plan.repository, offer.remote(name), staging / name, expected, told)
        _describe(offer, plan, staging)
        _put_in_place(staging, target, workshop)
    return True


def remove(name: str, models_folder: Path) -> None:
    """Delete installed weights.

    Raises:
        InstallError: There are none of that name, or they are being pulled.
    """
    installed = sorted(path.parent.name for path in models_folder.glob(f"*/{DESCRIPTION}"))
    if name not in installed:
        raise InstallError(f"{name} is not installed in {models_folder}. There are: {', '.join(installed) or 'none'}.")
    with _sole_use(models_folder, name) as workshop:
        _set_aside(models_folder / name, workshop)  # at once: half of the files would be damaged weights
        shutil.rmtree(workshop)


def is_installed(offer: Offer, models_folder: Path) -> bool:
    """Whether weights are there, of the manifest's revision; what somebody put there by hand counts as such."""
    if not (models_folder / offer.name / DESCRIPTION).is_file():
        return False
    source = read_source(models_folder / offer.name)
    return source is None or not offer.is_at_a_commit or source.commit == offer.revision


def read_source(folder: Path) -> Source | None:
    """Where weights are from; None where that is not known."""
    try:
        return Source(**json.loads((folder / SOURCE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def _sole_use(models_folder: Path, name: str) -> Iterator[Path]:
    """A folder to make weights in, which no other process uses meanwhile."""
    workshop = models_folder / _PARTIAL / name
    workshop.mkdir(parents=True, exist_ok=True)
    with workshop.with_name(f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstallError(f"Another process is pulling {name}. Wait until it is done.") from None
        yield workshop


def _plan(offer: Offer, target: Path, endpoint: str) -> _Plan:
    """What to fetch: as the manifest says, else as it was at the first pull, else as the hub says."""
    if offer.is_pinned:
        pins = {name: Expected(pin.size_bytes, pin.sha256) for name, pin in offer.files.items()}
        return _Plan(Repository(offer.repo, offer.revision, endpoint), pins, "manifest")
    if known := _first_pull(offer, target, endpoint):
        return known
    listing = Repository(offer.repo, offer.revision, endpoint).list_files()
    repository = Repository(offer.repo, listing.commit, endpoint)
    if missing := [name for name in offer.files if offer.remote(name) not in listing.files]:
        raise HubError(f"{offer.repo} lacks {', '.join(missing)} at {listing.commit}. Update LiveTranslate.")
    files = {
        name: Expected(pin.size_bytes, pin.sha256) if pin.sha256 else listing.files[offer.remote(name)]
        for name, pin in offer.files.items()
    }
    return _Plan(repository, files, "hub")


def _first_pull(offer: Offer, target: Path, endpoint: str) -> _Plan | None:
    source = read_source(target)
    if source is None or source.repo != offer.repo or (offer.is_at_a_commit and source.commit != offer.revision):
        return None
    try:
        files = read_weights(target).files
    except WeightsError:
        return None
    if set(files) != set(offer.files):
        return None
    known = {name: Expected(file.size_bytes, file.sha256) for name, file in files.items()}
    return _Plan(Repository(offer.repo, source.commit, endpoint), known, "hub")


def _make_room(staging: Path, files: Mapping[str, Expected], name: str) -> None:
    staging.mkdir(exist_ok=True)
    there = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
    needed = sum(expected.size_bytes for expected in files.values()) - there + _SPARE_BYTES
    free = shutil.disk_usage(staging).free
    if needed > free:
        raise InstallError(
            f"{name} needs {needed // 2**20:,} MiB more on the disk of {staging.parents[2]}, which has "
            f"{free // 2**20:,} MiB. Make room, or set LIVETRANSLATE_MODELS_DIR to a folder on another disk."
        )


def _describe(offer: Offer, plan: _Plan, staging: Path) -> None:
    """Writes what they are, and where they are from."""
    files = {
        name: WeightsFile(expected.sha256, expected.size_bytes) if expected.sha256 else describe_file(staging / name)
        for name, expected in plan.files.items()
    }
    weights = Weights(
        name=offer.name,
        engine=offer.engine,
        profiles=offer.profiles,
        license=offer.license,
        memory_mib=offer.memory_mib,
        parameters=offer.parameters,
        files=files,
        folder=staging,
    )
    write_weights(weights)
    source = Source(offer.repo, plan.repository.revision, plan.repository.endpoint, plan.verified_by)
    (staging / SOURCE).write_text(json.dumps(asdict(source), indent=2) + "\n", encoding="utf-8")


def _put_in_place(staging: Path, target: Path, workshop: Path) -> None:
    if target.exists():
        _set_aside(target, workshop)
    staging.rename(target)
    shutil.rmtree(workshop)


def _set_aside(folder: Path, workshop: Path) -> None:
    aside = workshop / "aside"
    shutil.rmtree(aside, ignore_errors=True)  # of a process that was killed on the way
    folder.rename(aside)
