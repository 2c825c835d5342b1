"""A server on loopback that speaks OpenAI's chat protocol, and every fault of it that a test asks for."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_NEVER_SECONDS = 60  # longer than any test takes
_TORN_BYTES = 1_000_000  # more than any answer has
_FLOOD_PIECES = 20_000  # of a reader that never leaves


@dataclass(frozen=True)
class Reply:
    """What is answered to one request.

    Attributes:
        pieces: What the model says.
        thoughts: What it thinks before, in a field of its own.
        finish_reason: Why it ends; None: the stream breaks off before that.
        status: Of HTTP; one that is not 200 comes with `raw` alone.
        raw: Sent in the place of all events.
        is_torn: The connection ends where HTTP says that more comes.
        is_slow: Nothing comes after the pieces until the server closes.
        is_endless: The pieces come again and again until the client leaves.
    """

    pieces: tuple[str, ...] = ()
    thoughts: tuple[str, ...] = ()
    finish_reason: str | None = "stop"
    status: int = 200
    raw: bytes = b""
    is_torn: bool = False
    is_slow: bool = False
    is_endless: bool = False


@dataclass
class OpenAiServer:
    """A running server.

    Attributes:
        url: What `LIVETRANSLATE_LLM_URL` is set to.
        answer: Replies to a request; a test may change it while the server runs.
        requests: The bodies of all requests.
        keys: What each was authorized by.
        left: Set when a client has left in the middle of an endless answer.
    """

    url: str
    answer: Callable[[dict[str, Any]], Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)


def says(*pieces: str, **options: Any) -> Callable[[dict[str, Any]], Reply]:
    """Answers every request alike."""
    return lambda _: Reply(pieces, **options)


def asked_text(body: dict[str, Any]) -> str:
    """What a request asks to translate."""
    user: str = body["messages"][-1]["content"]
    return user.rpartition("<text>")[2].removesuffix("</text>")


@contextmanager
def openai_server(answer: Callable[[dict[str, Any]], Reply], port: int = 0) -> Iterator[OpenAiServer]:
    """Runs a server while the block runs."""
    http = _Server(("127.0.0.1", port), _Handler)
    http.state = OpenAiServer(f"http://127.0.0.1:{http.server_port}/v1", answer)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield http.state
    finally:
        http.state.closing.set()
        http.shutdown()
        thread.join()
        http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    state: OpenAiServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        state = self.server.state
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state.requests.append(body)
        state.keys.append(self.headers["Authorization"])
        try:
            self._send(state.answer(body) if self.path == "/v1/chat/completions" else Reply(status=404))
        except (BrokenPipeError, ConnectionResetError):
            state.left.set()

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""

    def _send(self, reply: Reply) -> None:
        self.close_connection = True
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/event-stream" if reply.status == 200 else "application/json")
        self.send_header("Connection", "close")
        if reply.is_torn:
            self.send_header("Content-Length", str(_TORN_BYTES))
        self.end_headers()
        if reply.raw or reply.status != 200:
            self.wfile.write(reply.raw)
            return
        for thought in reply.thoughts:
            self._event({"reasoning_content": thought})
        for _ in range(_FLOOD_PIECES if reply.is_endless else 1):
            for piece in reply.pieces:
                self._event({"content": piece})
        if reply.is_slow:
            self.server.state.closing.wait(_NEVER_SECONDS)
        if reply.finish_reason is not None:
            self._event({}, reply.finish_reason)
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, delta: dict[str, str], finish_reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": [choice]}
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()
