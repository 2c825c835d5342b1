"""The system under test, as a rule everything real but the models, which cost nothing; and what its processes use."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from livetranslate.stack import Stack, StackOptions, running_stack

SERVICES = ("gateway", "asr", "mt", "tts")
BESIDE = ("triton", "postgres")

_MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds: all pages, pages shared out among those who share them, and its own alone."""

    rss_mib: float
    pss_mib: float
    uss_mib: float


ROOMY: Mapping[str, str] = {
    "LIVETRANSLATE_GATEWAY_MAX_SESSIONS": "1000",
    "LIVETRANSLATE_GATEWAY_SESSIONS_PER_SECOND": "1000",
    "LIVETRANSLATE_GATEWAY_QUEUE_WAIT_BOUND_MS": "60000",
    "LIVETRANSLATE_GATEWAY_LOOP_DELAY_BOUND_MS": "60000",
}
"""A gateway that takes everybody in and is never too busy: for whatever is not about overload."""


@contextmanager
def running_system(
    profile: str = "null",
    model_repository: Path = _MODELS,
    settings: Mapping[str, str] = ROOMY,
) -> Iterator[Stack]:
    """The services, Triton with its models, and Postgres, whatever the environment says of others.

    Args:
        profile: Which models.
        model_repository: The folder that Triton serves.
        settings: Variables of the services that are not to have their defaults.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LIVETRANSLATE_", "OTEL_"))
    }
    with tempfile.TemporaryDirectory(prefix="livetranslate-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, Postgres runs as a user of its own and has to get through
        options = StackOptions(
            profile=profile,
            model_repository=model_repository,
            data_folder=Path(folder),
            environment={**environment, **settings},
        )
        with running_stack(options) as stack:
            yield stack


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of all that it has started."""
    return sum(map(_own_cpu_seconds, _family(pid)))


def memory_of(pid: int) -> Memory:
    """What one process holds now."""
    info = psutil.Process(pid).memory_full_info()
    return Memory(*(round(size / 2**20, 2) for size in (info.rss, info.pss, info.uss)))


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _own_cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system
