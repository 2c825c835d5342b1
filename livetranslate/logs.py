"""Logs: a line of JSON for each event, on standard error. What was said or written is never in one.

A line that belongs to a call has the ids of the call's session (`note_session`), whichever of its tasks it comes from.
Libraries' own lines look the same; they are told from `warning` on, for below that some tell what they handle.

Of an unforeseen error there is its type and where it was raised. Its message may quote what was being handled, so it is
left out where errors of that type can do so.
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from functools import partial
from traceback import StackSummary, walk_tb
from typing import Any

import structlog
from structlog.processors import ExceptionRenderer, JSONRenderer, TimeStamper
from structlog.typing import EventDict, ExcInfo, Processor

from livetranslate.errors import LiveTranslateError

log = structlog.get_logger()

_session_of_call: ContextVar[dict[str, str] | None] = ContextVar("session_of_call", default=None)

_SPEAK_OF_CODE = (ImportError, OSError, MemoryError, NameError, AttributeError, RecursionError)
"""Errors whose messages name code, files and addresses, but no values."""

_MAX_CAUSES = 8  # of an error; a chain can have a loop
_MAX_FRAMES = 40  # of a traceback, the innermost: an endless recursion must not fill the log


def set_up_logging(level: str, service: str) -> None:
    """Log from `level` on, with the service's name on each line; also what libraries and uncaught errors have to say.

    Args:
        level: debug, info, warning or error.
        service: Who logs.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    of_each_line: list[Processor] = [
        partial(_add_service, service),
        _add_session,
        structlog.processors.add_log_level,
        TimeStamper(fmt="iso"),
        ExceptionRenderer(_render),
    ]
    structlog.configure(
        processors=[*of_each_line, JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # in one piece: several processes share it
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=of_each_line,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, JSONRenderer()],
            keep_exc_info=False,
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    threading.excepthook = _log_uncaught_of_thread


def log_uncaught_of_loop(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Log what nobody has caught on an event loop; its handler of exceptions.

    asyncio's own would write the error's message, too, and with what a callback was called.
    """
    what = "a callback failed" if "handle" in context else context["message"]
    log.error("uncaught on the event loop", what=what, exc_info=context.get("exception"))


def begin_call() -> None:
    """From here on a call is answered, by this task and those that it starts."""
    _session_of_call.set({})


def note_session(session_id: str, trace_id: str = "") -> None:
    """The call is about this session; all of its lines say so from here on, also those of tasks that run already.

    Args:
        session_id: The session.
        trace_id: That of the session's own span, where it is recorded.
    """
    session = _session_of_call.get()
    if session is None:
        session = {}
        _session_of_call.set(session)
    session["session_id"] = session_id
    if trace_id:
        session["trace_id"] = trace_id


def _add_service(service: str, _logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the service; threads have no context to find it in."""
    event["service"] = service
    return event


def _add_session(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the ids of the session; a line that has some itself, such as the trace of a segment, keeps them."""
    for name, value in (_session_of_call.get() or {}).items():
        event.setdefault(name, value)
    return event


def _log_uncaught_of_thread(uncaught: threading.ExceptHookArgs) -> None:
    thread = uncaught.thread.name if uncaught.thread else None
    log.error("uncaught in a thread", thread=thread, exc_info=uncaught.exc_value)


def _described(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """An error and what it came of, without what they may quote."""
    described: dict[str, Any] = {"type": type(error).__qualname__}
    if isinstance(error, LiveTranslateError):
        described["reason"] = error.reason
    elif isinstance(error, _SPEAK_OF_CODE):
        described["message"] = str(error)
    frames = StackSummary.extract(walk_tb(error.__traceback__), limit=-_MAX_FRAMES, lookup_lines=False)
    described["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    if depth < _MAX_CAUSES:
        if isinstance(error, BaseExceptionGroup):
            described["errors"] = [_described(part, depth + 1) for part in error.exceptions]
        if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
            described["came_of"] = _described(cause, depth + 1)
    return described


def _render(exc_info: ExcInfo) -> dict[str, Any]:
    return _described(exc_info[1])
