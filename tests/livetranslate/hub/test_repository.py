import hashlib

import pytest

from livetranslate.hub.repository import Expected, HubError, Repository
from tests.livetranslate.hub.conftest import CONFIG, MODEL
from tests.livetranslate.hub.loopback_hub import COMMIT, LoopbackHub, git_sha1


def test_a_listing_is_at_a_commit(hub: LoopbackHub) -> None:
    """A branch is looked up; large files have a SHA-256, small ones git's digest."""
    listing = Repository("some/model", "main", hub.address).list_files()
    assert listing.commit == COMMIT
    assert listing.files["model.bin"] == Expected(len(MODEL), sha256=hashlib.sha256(MODEL).hexdigest())
    assert listing.files["config.json"] == Expected(len(CONFIG), git_sha1=git_sha1(CONFIG))


@pytest.mark.parametrize(
    ("repo", "revision", "problem"),
    [
        ("some/other", "main", "does not exist, or is private.*HF_TOKEN"),
        ("some/model", "v9", "has no revision v9"),
        ("some/gated", "main", "wants its terms to be accepted.*hf auth login"),
    ],
)
def test_a_refusal_says_what_to_do(hub: LoopbackHub, repo: str, revision: str, problem: str) -> None:
    """Each with the page it is about."""
    hub.repos["some/gated"] = {}
    hub.gated.add("some/gated")
    with pytest.raises(HubError, match=f"{hub.address}/{repo} .*{problem}"):
        Repository(repo, revision, hub.address).list_files()


def test_a_hub_out_of_reach(hub: LoopbackHub) -> None:
    """Names mirror and proxy."""
    with pytest.raises(HubError, match=r"127\.0\.0\.1:1 cannot be reached.*HF_ENDPOINT.*HTTPS_PROXY"):
        Repository("some/model", "main", "http://127.0.0.1:1").list_files()


def test_a_server_that_is_no_hub(hub: LoopbackHub) -> None:
    """It answers, but not with what a hub says."""
    with pytest.raises(HubError, match="status 404"):
        Repository("some/model", "main", f"{hub.address}/nothing/here").list_files()


@pytest.mark.parametrize("commit", ["../../outside", "main", None])
def test_a_commit_that_is_none(hub: LoopbackHub, commit: str | None) -> None:
    """It would become the name of a folder."""
    hub.commit = commit
    with pytest.raises(HubError, match="does not say which commit"):
        Repository("some/model", "main", hub.address).list_files()


def test_offline(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked, and the message says why."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE forbids it"):
        Repository("some/model", "main", hub.address).list_files()
    assert not hub.requests
