"""A hub on the loopback interface that speaks the protocol of the real one, as far as files are fetched.

Large files are kept elsewhere: the hub answers with where, and what they are. Small ones it hands out itself.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".bin", ".onnx")


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    range: str
    authorization: str


@dataclass
class LoopbackHub:
    """What it has, and how it misbehaves.

    Attributes:
        address: Where it is.
        repos: The files of each repository, at one commit.
        gated: Repositories whose terms are to be accepted.
        cuts: How many bytes of a file's answer come before the connection breaks; each works once.
        served: What comes of a file instead of it.
        broken: The status of everything but listings.
        ranges: Whether parts of files can be asked for.
        commit: What it states in listings.
        requests: All that was asked.
    """

    address: str = ""
    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)
    broken: int = 0
    ranges: bool = True
    commit: str | None = COMMIT
    requests: list[Request] = field(default_factory=list)

    def fetched(self, name: str) -> list[Request]:
        """The requests that fetched a file."""
        return [each for each in self.requests if each.method == "GET" and each.path.endswith(name)]


@contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    """Runs one."""
    hub = LoopbackHub()

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_it_the_hub(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `HF_ENDPOINT` does in a process that starts with it."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.address)
    template = f"{hub.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


def git_sha1(content: bytes) -> str:
    """What git calls a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: LoopbackHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        wanted = (self.headers.get("Range", ""), self.headers.get("Authorization", ""))
        self.hub.requests.append(Request(self.command, path, *wanted))
        match path.strip("/").split("/"):
            case ["api", "models", owner, name, "revision", revision]:
                self._list(f"{owner}/{name}", revision)
            case ["elsewhere", owner, name, *file]:
                self._send(f"{owner}/{name}", "/".join(file), {})
            case [owner, name, "resolve", revision, *file]:
                self._resolve(f"{owner}/{name}", revision, "/".join(file))
            case _:
                self._finish(404, {}, b"")

    def _list(self, repo: str, revision: str) -> None:
        if not self._refuses(repo, revision):
            files = self.hub.repos[repo].items()
            siblings = [_sibling(name, content) for name, content in files]
            answer = json.dumps({"id": repo, "sha": self.hub.commit, "siblings": siblings}).encode()
            self._finish(200, {"Content-Type": "application/json"}, answer)

    def _resolve(self, repo: str, revision: str, file: str) -> None:
        if self._refuses(repo, revision):
            return
        if self.hub.broken:
            self._finish(self.hub.broken, {}, b"")
            return
        if file not in self.hub.repos[repo]:
            self._finish(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b"")
            return
        content = self.hub.repos[repo][file]
        if not file.endswith(LARGE):
            self._send(repo, file, {"ETag": f'"{git_sha1(content)}"', "X-Repo-Commit": COMMIT})
            return
        port = self.hub.address.rpartition(":")[2]
        headers = {
            "X-Repo-Commit": COMMIT,
            "X-Linked-Size": str(len(content)),
            "X-Linked-ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "Location": f"http://localhost:{port}/elsewhere/{repo}/{file}",
        }
        self._finish(302, headers, b"")

    def _refuses(self, repo: str, revision: str) -> bool:
        if repo not in self.hub.repos:
            self._finish(401, {"X-Error-Code": "RepoNotFound"}, b"")
        elif repo in self.hub.gated:
            self._finish(403, {"X-Error-Code": "GatedRepo"}, b"")
        elif revision not in {"main", COMMIT}:
            self._finish(404, {"X-Error-Code": "RevisionNotFound"}, b"")
        else:
            return False
        return True

    def _send(self, repo: str, file: str, headers: dict[str, str]) -> None:
        content = self.hub.served.get(file, self.hub.repos[repo][file])
        start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1]) if self.hub.ranges else 0
        status = 200
        if start:
            status, headers = 206, {**headers, "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        cuts = self.hub.cuts.get(file, []) if self.command == "GET" else []
        self._finish(status, headers, content[start:], cuts.pop(0) if cuts else None)

    def _finish(self, status: int, headers: dict[str, str], body: bytes, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:cut])
        self.close_connection = cut is not None


def _sibling(name: str, content: bytes) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": git_sha1(content)}
    if name.endswith(LARGE):
        sibling["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
    return sibling
