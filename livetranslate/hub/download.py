"""Fetches one file, goes on where an earlier attempt stopped, and keeps it only if it is what was promised."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, cast
from urllib.parse import urlsplit

from huggingface_hub import HfFileMetadata, get_hf_file_metadata, get_token, hf_hub_url
from huggingface_hub.file_download import http_get
from huggingface_hub.utils.tqdm import disable_progress_bars

from livetranslate.hub.repository import Expected, HubError, Repository

Progress = Callable[[int], None]
"""Told how many bytes of a file there are."""

_READ_BYTES: Final = 2**20


def fetch(repository: Repository, remote: str, target: Path, expected: Expected, progress: Progress) -> None:
    """Fetch a file, unless it is there.

    What has come is in `<target>.part` until all of it is there and verified: after a failure the rest is fetched.

    Args:
        repository: Where it is, at a commit.
        remote: Its path there.
        target: Where to put it.
        expected: What it has to be.
        progress: Told of each piece.

    Raises:
        HubError: It cannot be had, or is something else.
    """
    if target.is_file() and is_as_expected(target, expected):
        progress(expected.size_bytes)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    with part.open("ab") as file:
        if file.tell() > expected.size_bytes:  # of another revision
            file.seek(0)
            file.truncate()
        _get(repository, remote, _Watched(file, progress), expected)
    if not is_as_expected(part, expected):
        part.unlink()
        raise HubError(
            f"{repository.repo} served another {remote} than {repository.revision} has: its digest is wrong, and it "
            "was deleted. Try again; if it stays so, what HF_ENDPOINT or a proxy serves is not to be trusted."
        )
    part.rename(target)


def is_as_expected(path: Path, expected: Expected) -> bool:
    """Whether a file has the right size and digest: reads all of it."""
    if path.stat().st_size != expected.size_bytes:
        return False
    digest = hashlib.sha256()
    if not expected.sha256:  # git's digest of a file, which also covers its size; the hub offers none better for it
        digest = hashlib.sha1(f"blob {expected.size_bytes}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest() == (expected.sha256 or expected.git_sha1)


def _get(repository: Repository, remote: str, file: "_Watched", expected: Expected) -> None:
    disable_progress_bars("huggingface_hub.http_get")  # one that shows all files is shown by whoever asks for them
    url = hf_hub_url(repository.repo, remote, revision=repository.revision, endpoint=repository.endpoint)
    with repository.explained():
        stated = get_hf_file_metadata(url, endpoint=repository.endpoint)
        if _contradicts(stated, expected):
            raise HubError(
                f"{repository.endpoint}/{repository.repo} has another {remote} at {repository.revision} than it must "
                "be. Is HF_ENDPOINT right? Else update LiveTranslate for its manifest."
            )
        is_at_hub = urlsplit(stated.location)[:2] == urlsplit(url)[:2]  # a token is not for where it keeps files
        headers = {"authorization": f"Bearer {token}"} if is_at_hub and (token := get_token()) else {}
        # Its type asks for all of BinaryIO: it writes, and rewinds where a server starts from the beginning.
        temporary = cast("BinaryIO", file)
        http_get(
            stated.location, temporary, resume_size=file.tell(), headers=headers, expected_size=expected.size_bytes
        )


def _contradicts(stated: HfFileMetadata, expected: Expected) -> bool:
    """Whether the hub says of a file, before it is fetched, that it is another."""
    if stated.size is not None and stated.size != expected.size_bytes:
        return True
    is_sha256 = len(stated.etag or "") == len(expected.sha256)
    return bool(expected.sha256) and is_sha256 and stated.etag != expected.sha256


class _Watched:
    """A file whose position is told at each change."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        progress(file.tell())

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._progress(self._file.tell())

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, position: int) -> None:
        self._file.seek(position)

    def truncate(self) -> None:
        self._file.truncate()
        self._progress(self._file.tell())
