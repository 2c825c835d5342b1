"""`tools/pin-models NAME…`: asks the hub what a manifest leaves open, and writes it down.

For maintainers: a branch becomes the commit it is at, and every file gets its size and SHA-256. Of files that the hub
keeps in git it states none: they are small, and are fetched for it.
"""

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from livetranslate.hub.download import fetch
from livetranslate.hub.manifest import MANIFEST, Offer, read_manifest, select
from livetranslate.hub.repository import Repository
from livetranslate.stack.stack import default_model_repository
from livetranslate.weights import WeightsFile, describe_file


def pin(offer: Offer, endpoint: str = "") -> tuple[str, dict[str, WeightsFile]]:
    """The commit that an offer is at, and its files as they are there.

    Raises:
        HubError: The hub does not say it.
    """
    listing = Repository(offer.repo, offer.revision, endpoint).list_files()
    repository = Repository(offer.repo, listing.commit, endpoint)
    files: dict[str, WeightsFile] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in offer.files:
            stated = listing.files[offer.remote(name)]
            if stated.sha256:
                files[name] = WeightsFile(stated.sha256, stated.size_bytes)
                continue
            fetch(repository, offer.remote(name), Path(folder) / name, stated, lambda _: None)
            files[name] = describe_file(Path(folder) / name)
    return listing.commit, files


def write_pins(manifest: str, name: str, commit: str, files: Mapping[str, WeightsFile]) -> str:
    """The manifest's text with the pins of one offer in it; everything else stays as it is."""
    table = f'"{name}"' if f'["{name}"]' in manifest else name
    start = manifest.index(f"[{table}]\n")
    head = f"[{table}.files]\n"
    listed = manifest.index(head, start) + len(head)
    end = re.compile(r"^\s*$|\Z", re.MULTILINE).search(manifest, listed)
    revision = re.sub(r'(?m)^revision = ".*"$', f'revision = "{commit}"', manifest[start:listed], count=1)
    revision = re.sub(r"(?m)^size_mib = .*\n", "", revision, count=1)
    lines = [
        f'"{file}" = {{ sha256 = "{each.sha256}", size_bytes = {each.size_bytes} }}\n' for file, each in files.items()
    ]
    return "".join([manifest[:start], revision, *lines, manifest[end.start() if end else len(manifest) :]])


def main(names: Sequence[str]) -> None:
    """Pins the offers of these names."""
    path = default_model_repository() / MANIFEST
    for offer in select(read_manifest(path), names, ""):
        commit, files = pin(offer)
        path.write_text(write_pins(path.read_text(encoding="utf-8"), offer.name, commit, files), encoding="utf-8")
        sys.stdout.write(f"{offer.name}: {len(files)} files at {commit}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
