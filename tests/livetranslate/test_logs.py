import asyncio
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from io import StringIO
from typing import Any

import grpc
import pytest
import structlog

from livetranslate.errors import UnavailableError
from livetranslate.logs import begin_call, log_uncaught_of_loop, note_session, set_up_logging
from tests.livetranslate.test_interceptor import call_stream, served

Lines = Callable[[], list[dict[str, Any]]]

QUOTE = "the merger is off"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What was logged."""
    errors = StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    set_up_logging("debug", "asr")
    yield lambda: [json.loads(line) for line in errors.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def raised(error: BaseException) -> BaseException:
    """The error with a traceback."""
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - any that a test wants to see logged
        return caught


def test_a_line_is_json(lines: Lines) -> None:
    """A log line on standard error is JSON with the service's name, the level and the time."""
    structlog.get_logger().warning("decoding failed", reason="MODEL_BUSY")
    (line,) = lines()
    assert line.pop("timestamp")
    assert line == {"event": "decoding failed", "level": "warning", "service": "asr", "reason": "MODEL_BUSY"}


def test_lower_levels_are_left_out(lines: Lines) -> None:
    """What is below the level is not logged."""
    set_up_logging("warning", "asr")
    structlog.get_logger().info("unimportant")
    assert lines() == []


async def test_each_line_of_a_call_has_its_session(lines: Lines) -> None:
    """Once a call's session is known, its lines name it: from the tasks it has started, and from who called them."""

    async def serve() -> None:
        note_session("s1", "0af7651916cd43dd8448eb211c80319c")
        structlog.get_logger().info("in a task")

    begin_call()
    await asyncio.create_task(serve())
    structlog.get_logger().info("around it")
    assert [(line["event"], line["session_id"], line["trace_id"]) for line in lines()] == [
        ("in a task", "s1", "0af7651916cd43dd8448eb211c80319c"),
        ("around it", "s1", "0af7651916cd43dd8448eb211c80319c"),
    ]


async def test_the_line_of_a_failed_call_names_its_session(lines: Lines) -> None:
    """The error that ends a call is logged with the session that one of the call's tasks has found."""

    async def find_session() -> None:
        note_session("s1")

    async def respond() -> AsyncIterator[bytes]:
        yield b"one answer"
        await asyncio.create_task(find_session())
        raise UnavailableError("TRITON_UNAVAILABLE", "Triton is away.")

    async with served(respond) as channel:
        with pytest.raises(grpc.aio.AioRpcError):
            await call_stream(channel)
    (line,) = lines()
    assert (line["event"], line["reason"], line["session_id"]) == ("call ended", "TRITON_UNAVAILABLE", "s1")


async def test_calls_do_not_share_a_session(lines: Lines) -> None:
    """Each call names its own session, though they run side by side."""
    has_both = asyncio.Barrier(2)

    async def call(session_id: str) -> None:
        begin_call()
        note_session(session_id)
        await has_both.wait()
        structlog.get_logger().info(f"call of {session_id}")

    await asyncio.gather(call("s1"), call("s2"))
    assert {(line["event"], line["session_id"]) for line in lines()} == {("call of s1", "s1"), ("call of s2", "s2")}


async def test_a_line_keeps_the_trace_of_its_segment(lines: Lines) -> None:
    """A line that is about a segment names the segment's trace, not the session's."""
    begin_call()
    note_session("s1", "session")
    structlog.get_logger().warning("decoding failed", trace_id="segment")
    assert [(line["session_id"], line["trace_id"]) for line in lines()] == [("s1", "segment")]


def test_libraries_write_the_same_lines(lines: Lines) -> None:
    """A library's warning is a line like ours, with the session; what it tells below that may quote."""
    begin_call()
    note_session("s1")
    library = logging.getLogger("sqlalchemy.engine")
    library.debug("parameters: %s", QUOTE)
    library.info("parameters: %s", QUOTE)
    library.warning("pool is full")
    (line,) = lines()
    assert (line["event"], line["service"], line["session_id"]) == ("pool is full", "asr", "s1")


def test_an_error_does_not_quote(lines: Lines) -> None:
    """Of an unforeseen error there is its type, and the places where it was raised, and not what it was about."""
    error = raised(ValueError(f"{QUOTE} is no number"))
    error.__cause__ = raised(KeyError(QUOTE))
    structlog.get_logger().error("handler failed", exc_info=error)
    (line,) = lines()
    described = line["exception"]
    assert QUOTE not in json.dumps(line)
    assert described["type"] == "ValueError"
    assert described["frames"][-1].endswith(" raised")
    assert described["came_of"]["type"] == "KeyError"


def test_what_cannot_quote_is_told(lines: Lines) -> None:
    """The message of an error that speaks of files or code is logged, and the reason of one of ours."""
    group = ExceptionGroup("two", [FileNotFoundError("no such file"), UnavailableError("DRAINING", QUOTE)])
    structlog.get_logger().error("handler failed", exc_info=raised(group))
    (line,) = lines()
    missing, draining = line["exception"]["errors"]
    assert (missing["type"], missing["message"]) == ("FileNotFoundError", "no such file")
    assert (draining["type"], draining["reason"]) == ("UnavailableError", "DRAINING")
    assert QUOTE not in json.dumps(line)


def test_an_error_that_is_its_own_cause_is_told_to_an_end(lines: Lines) -> None:
    """A loop in the chain of causes does not keep the log from being written."""
    first, second = raised(ValueError()), raised(ValueError())
    first.__cause__, second.__cause__ = second, first
    structlog.get_logger().error("handler failed", exc_info=first)
    assert len(lines()) == 1


def test_an_error_in_a_thread_is_logged(lines: Lines) -> None:
    """What nobody catches in a thread is a line of JSON, too."""

    def fail() -> None:
        raise ValueError(QUOTE)

    thread = threading.Thread(target=fail, name="metrics")
    thread.start()
    thread.join()
    (line,) = lines()
    assert (line["event"], line["thread"], line["service"]) == ("uncaught in a thread", "metrics", "asr")
    assert QUOTE not in json.dumps(line)


async def test_an_error_on_the_loop_is_logged(lines: Lines) -> None:
    """What nobody catches on the event loop is a line of JSON, too; asyncio itself would quote it."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_uncaught_of_loop)

    def fail(text: str) -> None:
        raise ValueError(text)

    loop.call_soon(fail, QUOTE)
    await asyncio.sleep(0)
    (line,) = lines()
    assert line["exception"]["type"] == "ValueError"
    assert QUOTE not in json.dumps(line)
