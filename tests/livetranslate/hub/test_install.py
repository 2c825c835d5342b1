import fcntl
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from livetranslate.hub.install import InstallError, Source, install, is_installed, read_source, remove
from livetranslate.hub.manifest import Offer
from livetranslate.hub.repository import HubError
from livetranslate.weights import damage, describe_file, find_weights, read_weights
from tests.livetranslate.hub.conftest import CONFIG, MODEL
from tests.livetranslate.hub.loopback_hub import COMMIT, LoopbackHub

PINS = {
    "model.bin": {"sha256": hashlib.sha256(MODEL).hexdigest(), "size_bytes": len(MODEL)},
    "config.json": {"sha256": hashlib.sha256(CONFIG).hexdigest(), "size_bytes": len(CONFIG)},
}


def offer(**changes: Any) -> Offer:
    """What a manifest says of the hub's repository."""
    said: dict[str, Any] = {
        "name": "opus-en-es",
        "engine": "mt_ct2",
        "repo": "some/model",
        "revision": COMMIT,
        "profiles": ["cpu"],
        "license": "Apache-2.0",
        "commercial_use": "yes",
        "attribution": "Somebody",
        "memory_mib": {"cpu": 100},
        "parameters": {"language_pairs": "en-es"},
        "files": PINS,
    }
    return Offer.model_validate(said | changes)


OPEN = {"files": {"model.bin": {}, "config.json": {}}, "size_mib": 1}


def pull(hub: LoopbackHub, folder: Path, wanted: Offer, *, force: bool = False) -> dict[str, tuple[int, int]]:
    """Installs; returns what was told last of each file."""
    told: dict[str, tuple[int, int]] = {}

    def progress(name: str, size_bytes: int, done_bytes: int) -> None:
        told[name] = (size_bytes, done_bytes)

    install(wanted, folder, progress, endpoint=hub.address, force=force)
    return told


def test_weights_come_whole(hub: LoopbackHub, tmp_path: Path) -> None:
    """They say what they are and where they are from; nothing is left beside them, and what is not named stays away."""
    told = pull(hub, tmp_path, offer())
    (weights,) = find_weights(tmp_path)
    assert weights.name == "opus-en-es"
    assert weights.engine == "mt_ct2"
    assert weights.profiles == ("cpu",)
    assert weights.memory_mib == {"cpu": 100}
    assert weights.parameters == {"language_pairs": "en-es"}
    assert damage(weights) is None
    assert read_source(weights.folder) == Source("some/model", COMMIT, hub.address, "manifest")
    assert sorted(path.name for path in weights.folder.iterdir()) == [
        "config.json",
        "model.bin",
        "source.json",
        "weights.json",
    ]
    assert told == {"model.bin": (len(MODEL), len(MODEL)), "config.json": (len(CONFIG), len(CONFIG))}
    assert not list((tmp_path / ".partial").glob("opus-en-es/**/*"))


def test_pinned_weights_need_no_listing(hub: LoopbackHub, tmp_path: Path) -> None:
    """A mirror of the files alone will do."""
    pull(hub, tmp_path, offer())
    assert not [request for request in hub.requests if request.path.startswith("/api")]


def test_files_may_be_deep_in_a_repository(hub: LoopbackHub, tmp_path: Path) -> None:
    """They are installed without the folders above them."""
    hub.repos["some/voices"] = {"en/one/model.bin": MODEL, "en/one/config.json": CONFIG}
    pull(hub, tmp_path, offer(repo="some/voices", folder="en/one"))
    assert (tmp_path / "opus-en-es" / "model.bin").read_bytes() == MODEL


def test_what_the_manifest_leaves_open_the_hub_says(hub: LoopbackHub, tmp_path: Path) -> None:
    """A branch becomes a commit, and digests are kept."""
    pull(hub, tmp_path, offer(revision="main", **OPEN))
    weights = read_weights(tmp_path / "opus-en-es")
    assert weights.files["config.json"] == describe_file(weights.folder / "config.json")
    assert read_source(weights.folder) == Source("some/model", COMMIT, hub.address, "hub")


def test_the_first_pull_binds_later_ones(hub: LoopbackHub, tmp_path: Path) -> None:
    """Where the hub has something else under the same commit, it is refused, and what is installed stays."""
    pull(hub, tmp_path, offer(revision="main", **OPEN))
    hub.repos["some/model"]["model.bin"] = bytes(len(MODEL))
    with pytest.raises(HubError, match=r"has another model\.bin"):
        pull(hub, tmp_path, offer(revision="main", **OPEN), force=True)
    assert damage(read_weights(tmp_path / "opus-en-es")) is None


def test_what_is_installed_is_left_alone(hub: LoopbackHub, tmp_path: Path) -> None:
    """A second pull asks nobody."""
    pull(hub, tmp_path, offer())
    hub.requests.clear()
    assert pull(hub, tmp_path, offer()) == {}
    assert not hub.requests


def test_damaged_weights_are_mended(hub: LoopbackHub, tmp_path: Path) -> None:
    """By force: the old ones are there until the new ones are."""
    pull(hub, tmp_path, offer())
    (tmp_path / "opus-en-es" / "model.bin").write_bytes(b"damaged")
    pull(hub, tmp_path, offer(), force=True)
    assert damage(read_weights(tmp_path / "opus-en-es")) is None
    assert [weights.name for weights in find_weights(tmp_path)] == ["opus-en-es"]


def test_weights_of_an_older_manifest_are_replaced(hub: LoopbackHub, tmp_path: Path) -> None:
    """What somebody has put there by hand is not."""
    pull(hub, tmp_path, offer())
    path = tmp_path / "opus-en-es" / "source.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"commit": "f" * 40}))
    assert not is_installed(offer(), tmp_path)
    assert is_installed(offer(revision="main"), tmp_path)
    pull(hub, tmp_path, offer())
    assert is_installed(offer(), tmp_path)
    path.unlink()
    assert is_installed(offer(revision="e" * 40), tmp_path)


def test_half_of_the_files_are_no_weights(hub: LoopbackHub, tmp_path: Path) -> None:
    """Until the last one is there, nothing is; the next pull fetches only what is missing."""
    hub.cuts["config.json"] = [1] + [0] * 6
    with pytest.raises(HubError, match="what has come is kept"):
        pull(hub, tmp_path, offer())
    assert find_weights(tmp_path) == []
    pull(hub, tmp_path, offer())
    assert len(hub.fetched("model.bin")) == 1
    assert damage(read_weights(tmp_path / "opus-en-es")) is None


def test_a_file_that_the_repository_lacks(hub: LoopbackHub, tmp_path: Path) -> None:
    """It is named before anything is fetched."""
    with pytest.raises(HubError, match=r"lacks vocabulary\.txt"):
        pull(hub, tmp_path, offer(files={"model.bin": {}, "vocabulary.txt": {}}, size_mib=1))
    assert not hub.fetched("model.bin")


def test_what_was_not_pulled_is_not_deleted(hub: LoopbackHub, tmp_path: Path) -> None:
    """Somebody's own files under the name of an offer; by force they are replaced."""
    mine = tmp_path / "opus-en-es" / "mine.bin"
    mine.parent.mkdir()
    mine.touch()
    with pytest.raises(InstallError, match=r"opus-en-es is in the way.*--force"):
        pull(hub, tmp_path, offer())
    assert mine.exists()
    pull(hub, tmp_path, offer(), force=True)
    assert damage(read_weights(tmp_path / "opus-en-es")) is None


def test_one_process_at_a_time(hub: LoopbackHub, tmp_path: Path) -> None:
    """The second does not wait for gigabytes: it says so."""
    (tmp_path / ".partial").mkdir()
    with (tmp_path / ".partial" / "opus-en-es.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InstallError, match="Another process is pulling opus-en-es"):
            pull(hub, tmp_path, offer())


def test_a_full_disk(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noticed before anything is fetched, and the message says how much is needed."""
    monkeypatch.setattr("livetranslate.hub.install.shutil.disk_usage", lambda _: SimpleNamespace(free=2**20))
    with pytest.raises(InstallError, match=r"needs 64 MiB more .* which has 1 MiB.*LIVETRANSLATE_MODELS_DIR"):
        pull(hub, tmp_path, offer())
    assert not hub.fetched("model.bin")


def test_weights_are_removed(hub: LoopbackHub, tmp_path: Path) -> None:
    """Also where their description is damaged."""
    pull(hub, tmp_path, offer())
    (tmp_path / "opus-en-es" / "weights.json").write_text("nonsense")
    remove("opus-en-es", tmp_path)
    assert not (tmp_path / "opus-en-es").exists()


def test_what_a_killed_process_left_is_in_nobodys_way(hub: LoopbackHub, tmp_path: Path) -> None:
    """Neither of a pull by force nor of a removal."""
    left = tmp_path / ".partial" / "opus-en-es" / "aside" / "model.bin"
    pull(hub, tmp_path, offer())
    for again in (lambda: pull(hub, tmp_path, offer(), force=True), lambda: remove("opus-en-es", tmp_path)):
        left.parent.mkdir(parents=True)
        left.touch()
        again()
        assert not left.exists()


@pytest.mark.parametrize("name", ["opus-en-es", "..", ".partial", "/etc"])
def test_what_is_not_installed_is_not_removed(tmp_path: Path, name: str) -> None:
    """No folder but that of weights is touched."""
    (tmp_path / "mine").mkdir()
    with pytest.raises(InstallError, match="is not installed"):
        remove(name, tmp_path)
    assert (tmp_path / "mine").is_dir()
