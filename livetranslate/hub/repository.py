"""What a repository on the hub holds, and its refusals as sentences.

`huggingface_hub` does the talking, so its settings count: `HF_ENDPOINT` names a mirror, `HF_TOKEN` says who asks,
`HF_HUB_OFFLINE=1` forbids asking, `HTTPS_PROXY` names a way out.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from livetranslate.hub.manifest import COMMIT


class HubError(Exception):
    """The hub does not give what is needed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file has to be, by what is known of it: one of the digests is there.

    Attributes:
        size_bytes: Its size.
        sha256: Its digest; empty where only git's is known.
        git_sha1: Git's digest of it, for small files that the hub keeps in git itself.
    """

    size_bytes: int
    sha256: str = ""
    git_sha1: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository at one commit, as the hub states it."""

    commit: str
    files: Mapping[str, Expected]


class Repository:
    """One repository on the hub at a revision."""

    def __init__(self, repo: str, revision: str, endpoint: str = "") -> None:
        """Nothing is asked yet.

        Args:
            repo: `owner/name`.
            revision: A commit or a branch.
            endpoint: Where the hub is; empty: as `HF_ENDPOINT` says, or the public one.
        """
        self.repo = repo
        self.revision = revision
        self.endpoint = endpoint or constants.ENDPOINT

    def list_files(self) -> Listing:
        """Ask what there is.

        Raises:
            HubError: The hub refuses, or cannot be reached.
        """
        with self.explained():
            info = HfApi(endpoint=self.endpoint).model_info(self.repo, revision=self.revision, files_metadata=True)
        files = {
            file.rfilename: Expected(file.lfs.size, sha256=file.lfs.sha256)
            if file.lfs
            else Expected(file.size or 0, git_sha1=file.blob_id or "")
            for file in info.siblings or ()
        }
        if not COMMIT.fullmatch(info.sha or ""):  # it becomes the name of a folder
            raise HubError(f"{self.endpoint} does not say which commit {self.repo} is at. Is HF_ENDPOINT a hub?")
        return Listing(str(info.sha), files)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns what goes wrong with the hub into a sentence.

        Raises:
            HubError: Instead of any of the hub's or the network's errors.
        """
        try:
            yield
        except OfflineModeIsEnabled as error:
            raise HubError(
                f"{self.repo} is to be fetched, and HF_HUB_OFFLINE forbids it. Unset it, or copy the weights' folder "
                "from a machine that has it."
            ) from error
        except (HfHubHTTPError, FileMetadataError) as error:
            raise HubError(self._refusal(error)) from error
        except httpx2.HTTPError as error:
            raise HubError(
                f"{self.endpoint} cannot be reached, or the connection broke ({error or type(error).__name__}). Try "
                "again: what has come is kept. HF_ENDPOINT names a mirror, HTTPS_PROXY a way out."
            ) from error
        except OSError as error:  # the file did not come whole, or the disk is full
            problem = str(error).partition("\n")[0].rstrip(".")
            raise HubError(f"{self.repo}: {problem}. Try again: what has come is kept.") from error

    def _refusal(self, error: HfHubHTTPError | FileMetadataError) -> str:
        page = f"{self.endpoint}/{self.repo}"
        match error:
            case GatedRepoError():
                return f"{page} wants its terms to be accepted there first; then set HF_TOKEN, or run `hf auth login`."
            case RepositoryNotFoundError():
                return f"{page} does not exist, or is private: then set HF_TOKEN. With a mirror, is HF_ENDPOINT right?"
            case RevisionNotFoundError():
                return f"{page} has no revision {self.revision} (any more). Update LiveTranslate for its manifest."
            case RemoteEntryNotFoundError():
                return f"{page} lacks a file at {self.revision}. Update LiveTranslate for its manifest."
            case FileMetadataError():
                return f"{page} says nothing of its files: HF_ENDPOINT does not name a hub, or a proxy is in between."
        return f"{page} answered with status {error.response.status_code}. Try again later: what has come is kept."
