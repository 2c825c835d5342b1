"""Starts a real Triton on this machine, serving the models of one profile, and stops it."""

import http.client
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from livetranslate.stack.models import MissingModel, RenderedModels, find_models, render_models
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.process import Process, StackError
from livetranslate.stack.ranks import check_ranks
from livetranslate.stack.triton_wheel import TritonWheel, find_triton_wheel

POLL_INTERVAL_SECONDS = 0.05
PROBE_TIMEOUT_SECONDS = 1.0
STOP_GRACE_SECONDS = 10.0  # Triton waits for requests in flight, then for the models' processes
LOG_LINE_COUNT = 150  # of which the most are tables of settings
LAST_LINE_COUNT = 25
TABLE_BORDERS = ("|", "+")
LOADING_FLAGS = (
    "--model-control-mode=explicit",
    "--strict-readiness=false",  # ready though a model has failed to load
)


@dataclass(frozen=True, kw_only=True)
class TritonOptions:
    """What to serve, and where."""

    model_repository: Path
    profile: str = "embedded"
    models_folder: Path | None = None  # where weights are installed
    ranks: Mapping[str, int] = field(default_factory=dict)  # other ranks than the models' own
    instances: int = 0  # processes of each `per_core` model; 0: one for each usable core
    grpc_port: int = 0  # 0: any free port
    http_port: int = 0
    metrics_port: int = 0
    loads_on_demand: bool = False  # nothing is loaded before somebody, the keeper, says so
    otlp_endpoint: str = ""  # e.g. http://127.0.0.1:4318; empty: no traces
    ready_timeout_seconds: float = 60.0


class Ports(NamedTuple):
    """Where the server listens."""

    grpc: int
    http: int
    metrics: int


@dataclass(frozen=True)
class Triton:
    """A Triton that answers."""

    process: Process
    grpc_address: str
    http_address: str
    metrics_address: str
    models: tuple[str, ...]
    left_out: tuple[MissingModel, ...]

    @property
    def pid(self) -> int:
        return self.process.pid

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self.process.poll()

    def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> int:
        """Stops the server and the models' processes. Returns its exit status."""
        return self.process.stop(grace_seconds)

    def last_lines(self, count: int) -> list[str]:
        """The last lines of its log."""
        return self.process.last_lines(count)


def start_triton(options: TritonOptions, work_dir: Path) -> Triton:
    """Starts Triton with its files in `work_dir/triton` and waits until it answers.

    Raises:
        StackError: It cannot be started; nothing of it is left running.
    """
    wheel = find_triton_wheel()
    home = work_dir / "triton"
    shutil.rmtree(home, ignore_errors=True)  # what an earlier run left
    wheel.copy_backends(home / "backends")
    rendered = render_repository(options, home / "models")
    ports = _choose_ports(options)
    process = Process.start(
        "triton",
        _command(wheel, options, home, ports),
        env=wheel.environment(),
        log_path=work_dir / "triton.log",
    )
    try:
        _wait_until_ready(process, ports.http, options.ready_timeout_seconds)
    except BaseException:  # also Ctrl-C: whoever called has nothing yet to stop
        process.stop(STOP_GRACE_SECONDS)
        raise
    return Triton(
        process,
        f"{HOST}:{ports.grpc}",
        f"{HOST}:{ports.http}",
        f"{HOST}:{ports.metrics}",
        rendered.names,
        rendered.left_out,
    )


def render_repository(options: TritonOptions, target: Path) -> RenderedModels:
    """Writes what a Triton is to serve into an empty folder.

    Raises:
        StackError: There is nothing to serve, or an option is wrong.
    """
    models = find_models(options.model_repository, options.profile, options.models_folder)
    check_ranks(options.ranks, options.model_repository, options.models_folder)
    rendered = render_models(models, target, instances=options.instances, ranks=options.ranks)
    if not rendered.names:
        reasons = "".join(f"\n  {model.name}: {model.missing}" for model in rendered.left_out)
        raise StackError(
            f"no model of profile {options.profile!r} in {options.model_repository} can be served here{reasons}"
        )
    return rendered


def _choose_ports(options: TritonOptions) -> Ports:
    """The wanted ports, with a free one for each 0."""
    wanted = (options.grpc_port, options.http_port, options.metrics_port)
    free = free_ports(wanted.count(0))
    return Ports(*(port or free.pop() for port in wanted))


def _command(wheel: TritonWheel, options: TritonOptions, home: Path, ports: Ports) -> list[str]:
    return [
        str(wheel.binary),
        f"--model-repository={home / 'models'}",
        f"--backend-directory={home / 'backends'}",
        "--disable-auto-complete-config",  # the files say everything; nothing is guessed from a model's code
        f"--grpc-address={HOST}",
        f"--grpc-port={ports.grpc}",
        f"--http-address={HOST}",
        f"--http-port={ports.http}",
        f"--metrics-address={HOST}",
        f"--metrics-port={ports.metrics}",
        "--grpc-http2-min-recv-ping-interval-without-data=2000",  # the default refuses pings within 5 minutes
        "--exit-timeout-secs=2",  # a sequence that nobody ended counts as in flight; services end theirs before
        *(LOADING_FLAGS if options.loads_on_demand else ()),
        *_trace_flags(options.otlp_endpoint),
    ]


def _trace_flags(otlp_endpoint: str) -> list[str]:
    if not otlp_endpoint:
        return []
    settings = (
        "mode=opentelemetry",
        "level=TIMESTAMPS",
        "rate=0",  # exactly the requests that carry a traceparent
        "count=-1",
        f"opentelemetry,url={otlp_endpoint.rstrip('/')}/v1/traces",
        "opentelemetry,resource=service.name=triton",
    )
    return [f"--trace-config={setting}" for setting in settings]


def _wait_until_ready(process: Process, http_port: int, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not _is_ready(http_port):
        if process.poll() is not None:
            raise StackError(_failure(process, f"ended with status {process.poll()} before it was ready"))
        if time.monotonic() > deadline:
            raise StackError(_failure(process, f"was not ready within {timeout_seconds:g} s"))
        time.sleep(POLL_INTERVAL_SECONDS)


def _is_ready(http_port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, http_port, timeout=PROBE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):  # not listening yet
        return False
    finally:
        connection.close()


def _failure(process: Process, what: str) -> str:
    log = [line for line in process.last_lines(LOG_LINE_COUNT) if line and not line.startswith(TABLE_BORDERS)]
    lines = "\n".join(f"  {line}" for line in log[-LAST_LINE_COUNT:])
    return f"{process.name} {what}. Its log is {process.log_path}; it ends with:\n{lines}\nRun `livetranslate doctor`."
