import hashlib
from pathlib import Path

import pytest

from livetranslate.hub.download import fetch
from livetranslate.hub.repository import Expected, HubError, Repository
from tests.livetranslate.hub.conftest import CONFIG, MODEL
from tests.livetranslate.hub.loopback_hub import COMMIT, LoopbackHub, git_sha1

EXPECTED_MODEL = Expected(len(MODEL), hashlib.sha256(MODEL).hexdigest())
EXPECTED_CONFIG = Expected(len(CONFIG), git_sha1=git_sha1(CONFIG))


def fetch_model(hub: LoopbackHub, folder: Path, expected: Expected = EXPECTED_MODEL) -> list[int]:
    """Fetches the large file; returns how far it said it was."""
    told: list[int] = []
    fetch(Repository("some/model", COMMIT, hub.address), "model.bin", folder / "model.bin", expected, told.append)
    return told


def test_a_large_file_comes_from_where_the_hub_keeps_it(hub: LoopbackHub, tmp_path: Path) -> None:
    """What has come is told on the way, and all of it in the end."""
    told = fetch_model(hub, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == MODEL
    assert told[-1] == len(MODEL)
    assert hub.fetched("model.bin")[0].path.startswith("/elsewhere/")


def test_a_small_file_is_verified_by_git(hub: LoopbackHub, tmp_path: Path) -> None:
    """The hub states no other digest of it."""
    repository = Repository("some/model", COMMIT, hub.address)
    fetch(repository, "config.json", tmp_path / "deep" / "config.json", EXPECTED_CONFIG, lambda _: None)
    assert (tmp_path / "deep" / "config.json").read_bytes() == CONFIG


def test_what_is_there_is_not_fetched_again(hub: LoopbackHub, tmp_path: Path) -> None:
    """It is read instead."""
    (tmp_path / "model.bin").write_bytes(MODEL)
    assert fetch_model(hub, tmp_path) == [len(MODEL)]
    assert not hub.requests


def test_a_broken_connection_is_taken_up_again(hub: LoopbackHub, tmp_path: Path) -> None:
    """Within one attempt: only the rest is asked for."""
    hub.cuts["model.bin"] = [30_000]
    fetch_model(hub, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == MODEL
    assert [request.range for request in hub.fetched("model.bin")] == ["", "bytes=30000-"]


def test_a_failed_attempt_is_taken_up_by_the_next(hub: LoopbackHub, tmp_path: Path) -> None:
    """Also by another process: what has come is kept beside the target."""
    hub.cuts["model.bin"] = [50_000, *[0] * 6]
    with pytest.raises(HubError, match="Try again"):
        fetch_model(hub, tmp_path)
    assert not (tmp_path / "model.bin").exists()
    told = fetch_model(hub, tmp_path)
    assert (told[0], hub.fetched("model.bin")[-1].range) == (50_000, "bytes=50000-")
    assert (tmp_path / "model.bin").read_bytes() == MODEL


def test_a_server_that_begins_at_the_beginning(hub: LoopbackHub, tmp_path: Path) -> None:
    """Where ranges are not understood, the file still comes whole, and progress goes back."""
    hub.ranges = False
    (tmp_path / "model.bin.part").write_bytes(MODEL[:50_000])
    told = fetch_model(hub, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == MODEL
    assert told[:2] == [50_000, 0]


def test_more_than_there_should_be_is_thrown_away(hub: LoopbackHub, tmp_path: Path) -> None:
    """The rest of another file is no beginning of this one."""
    (tmp_path / "model.bin.part").write_bytes(bytes(len(MODEL) + 1))
    fetch_model(hub, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == MODEL


@pytest.mark.parametrize("served", [bytes(len(MODEL)), MODEL + b"more"])
def test_other_bytes_are_deleted(hub: LoopbackHub, tmp_path: Path, served: bytes) -> None:
    """Nothing that differs in one byte is ever in place."""
    hub.served["model.bin"] = served
    with pytest.raises(HubError, match="Try again"):
        fetch_model(hub, tmp_path)
    assert not (tmp_path / "model.bin").exists()
    del hub.served["model.bin"]
    fetch_model(hub, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == MODEL


@pytest.mark.parametrize("expected", [Expected(len(MODEL), "0" * 64), Expected(7, "0" * 64)])
def test_another_file_is_refused_before_it_is_fetched(hub: LoopbackHub, tmp_path: Path, expected: Expected) -> None:
    """The hub says beforehand what it has: gigabytes are not fetched in vain."""
    with pytest.raises(HubError, match=r"has another model\.bin"):
        fetch_model(hub, tmp_path, expected)
    assert not hub.fetched("model.bin")


def test_a_token_is_for_the_hub_alone(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it keeps its files, nobody learns it."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch_model(hub, tmp_path)
    repository = Repository("some/model", COMMIT, hub.address)
    fetch(repository, "config.json", tmp_path / "config.json", EXPECTED_CONFIG, lambda _: None)
    secrets = {request.path: "secret" in request.authorization for request in hub.requests}
    assert secrets["/elsewhere/some/model/model.bin"] is False
    assert secrets[f"/some/model/resolve/{COMMIT}/config.json"] is True


def test_a_missing_file_is_named(hub: LoopbackHub, tmp_path: Path) -> None:
    """With what to do."""
    repository = Repository("some/model", COMMIT, hub.address)
    with pytest.raises(HubError, match=r"lacks a file.*Update LiveTranslate"):
        fetch(repository, "vocabulary.txt", tmp_path / "vocabulary.txt", EXPECTED_CONFIG, lambda _: None)
