"""What `python -m gateway|asr|mt|tts` have in common: settings, logs, traces, and errors told in a line."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from livetranslate.errors import LiveTranslateError
from livetranslate.interceptor import first_error
from livetranslate.logs import log_uncaught_of_loop, set_up_logging
from livetranslate.processes import run_processes
from livetranslate.settings import ServiceSettings, SettingsError
from livetranslate.telemetry import exporting

log = structlog.get_logger()

Settings = TypeVar("Settings", bound=ServiceSettings)


def run_service(name: str, settings_type: type[Settings], run: Callable[[Settings], Awaitable[None]]) -> int:
    """Run a service until it is told to stop; returns the exit status: 0, 1 (could not run) or 2 (wrong settings)."""
    try:
        settings = settings_type.from_environment()
    except SettingsError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 2
    set_up_logging(settings.log_level, name)
    if settings.process_count > 1:
        return run_processes(settings)

    async def run_to_end() -> None:
        asyncio.get_running_loop().set_exception_handler(log_uncaught_of_loop)
        await run(settings)

    try:
        with exporting(name, settings.metrics_listen):
            asyncio.run(run_to_end())
    except Exception as raised:
        cause = first_error(raised)  # what runs beside the server makes a group of it
        if isinstance(cause, LiveTranslateError):
            sys.stderr.write(f"{name}: {cause.message}\n")
        else:
            log.exception("the service failed")
        return 1
    return 0
