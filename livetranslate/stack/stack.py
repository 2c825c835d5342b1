"""The whole system on this machine: whatever no setting says to be elsewhere is started here.

Postgres comes first and goes last; the services start while Triton loads its models, and wait for it.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from livetranslate.stack.budget import KEEPER_URL, check_budget, default_budget_mib, keeper_environment
from livetranslate.stack.ports import HOST, free_ports, is_answering, is_free
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.process import Process, StackError
from livetranslate.stack.ranks import default_ranks
from livetranslate.stack.services import Service, failure, start_service, wait_until_serving
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.weights import default_models_folder

Part = Postgres | Triton | Process

_DATABASE_URL = "LIVETRANSLATE_DATABASE_URL"
TRITON_URL = "LIVETRANSLATE_TRITON_URL"
_INNER = ("asr", "mt", "tts")
_SERVICES = ("keeper", *_INNER, "gateway")  # in the order in which they are started
_STOP_GRACE_SECONDS = 15.0  # more than a service takes to drain and flush


def default_data_folder() -> Path:
    """Where sessions and logs are kept unless a setting says otherwise.

    As root it must not lie in a private home: PostgreSQL runs as a user of its own and has to get there.
    """
    if folder := os.environ.get("LIVETRANSLATE_DATA_DIR"):
        return Path(folder)
    return Path("/var/lib/livetranslate") if os.geteuid() == 0 else platformdirs.user_data_path("livetranslate")


def default_model_repository() -> Path:
    """The models that come with LiveTranslate, unless a setting names others."""
    if folder := os.environ.get("LIVETRANSLATE_MODEL_REPOSITORY"):
        return Path(folder)
    return Path(__file__).parents[2] / "model_repository"


@dataclass(frozen=True, kw_only=True)
class StackOptions:
    """What to start, and how."""

    gateway_address: str = ""  # empty: a free port on loopback
    web_address: str = ""  # where the gateway answers HTTP, too; empty: nowhere
    profile: str = "embedded"
    data_folder: Path = field(default_factory=default_data_folder)
    model_repository: Path = field(default_factory=default_model_repository)
    models_folder: Path = field(default_factory=default_models_folder)
    ranks: Mapping[str, int] = field(default_factory=default_ranks)  # of models, instead of their own
    instances: int = 0  # processes of each model; 0: one for each core
    memory_budget_mib: int = field(default_factory=default_budget_mib)  # of all models together; 0: no limit
    drain_seconds: float = 2.0  # after the first Ctrl-C; running sessions are then made final
    ready_timeout_seconds: float = 300.0  # Triton reads gigabytes of weights, verifies and loads them all
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(slots=True)
class Stack:
    """What was started and where everything listens."""

    gateway_address: str = ""
    web_address: str = ""
    addresses: dict[str, str] = field(default_factory=dict)
    metrics_addresses: dict[str, str] = field(default_factory=dict)  # for Prometheus, of what was started here
    left_out: dict[str, str] = field(default_factory=dict)  # models that should run but cannot, and what they miss
    parts: dict[str, Part] = field(default_factory=dict)

    def dead_part(self) -> str | None:
        """What happened to a part that has ended by itself, if one has."""
        for name, part in self.parts.items():
            if (status := part.poll()) is not None:
                if isinstance(part, Process):
                    return failure(part, f"ended with status {status}")
                return f"{name} ended with status {status}:\n" + "\n".join(part.last_lines(10))
        return None

    def stop(self) -> None:
        """Stop everything, the last started first; a second Ctrl-C does not break that off."""
        with _undisturbed():
            self._stop()

    def _stop(self) -> None:
        while self.parts:
            _, part = self.parts.popitem()
            if isinstance(part, Process):
                part.stop(_STOP_GRACE_SECONDS)
            else:
                part.stop()


@contextmanager
def running_stack(options: StackOptions) -> Iterator[Stack]:
    """The whole system while the block runs. Call it on the main thread (see `Process.start`).

    Raises:
        StackError: A part could not be started; the message says which, and what to do. Nothing is left running.
    """
    stack = Stack()
    try:
        _start(stack, options)
        yield stack
    finally:
        stack.stop()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No signal ends this process while the block runs; half a system must not be left behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(stack: Stack, options: StackOptions) -> None:
    if options.gateway_address and not is_free(options.gateway_address):
        message = (
            f"{options.gateway_address} is in use. Is LiveTranslate running already? Choose another with --listen."
        )
        raise StackError(message)
    if options.web_address and not is_free(options.web_address):
        raise StackError(f"{options.web_address} is in use. Choose another with --web.")
    check_budget(options.memory_budget_mib, options.environment)
    _check_given(options.environment)
    options.data_folder.mkdir(parents=True, exist_ok=True)
    given = options.environment
    triton_port, keeper_port, *ports = free_ports(3 + len(_INNER) + len(_SERVICES))
    triton_address = given.get(TRITON_URL, f"{HOST}:{triton_port}")
    addresses = {
        name: given.get(f"LIVETRANSLATE_{name.upper()}_URL", f"{HOST}:{port}")
        for name, port in zip(_INNER, ports, strict=False)
    }
    stack.gateway_address = options.gateway_address or f"{HOST}:{ports[len(_INNER)]}"
    stack.web_address = options.web_address
    stack.addresses = {"gateway": stack.gateway_address, **addresses, "triton": triton_address}
    database_url = given.get(_DATABASE_URL) or _start_postgres(stack, options)
    env = {
        "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": str(options.drain_seconds),
        "LIVETRANSLATE_GATEWAY_SPILL_DIR": str(options.data_folder / "spill"),
        "LIVETRANSLATE_TRITON_WAIT_SECONDS": str(options.ready_timeout_seconds),  # its models load meanwhile
        **{_metrics_variable(name): f"{HOST}:{port}" for name, port in zip(_SERVICES, reversed(ports), strict=False)},
        **given,
        _DATABASE_URL: database_url,
        TRITON_URL: triton_address,
        **{f"LIVETRANSLATE_{name.upper()}_URL": address for name, address in addresses.items()},
    }
    if options.web_address:
        env["LIVETRANSLATE_GATEWAY_WEB_LISTEN"] = options.web_address
    if options.memory_budget_mib:
        stack.addresses["keeper"] = env[KEEPER_URL] = f"{HOST}:{keeper_port}"
        env |= keeper_environment(options.memory_budget_mib, options.data_folder)
    services = _start_services(stack, options, env)
    if TRITON_URL not in given:
        _start_triton(stack, options, triton_port)
    for service in services:
        wait_until_serving(service, options.ready_timeout_seconds)


def _check_given(environment: Mapping[str, str]) -> None:
    """Whether somebody answers where a setting says that a part already runs."""
    for variable in (TRITON_URL, KEEPER_URL, *(f"LIVETRANSLATE_{name.upper()}_URL" for name in _INNER)):
        address = environment.get(variable)
        if address and not is_answering(address):
            raise StackError(f"{variable}={address!r}: nobody answers there. Start it first, or unset the variable.")


def _start_postgres(stack: Stack, options: StackOptions) -> str:
    postgres = Postgres.start(options.data_folder / "postgres", options.data_folder / "postgres.log")
    stack.parts["postgres"] = postgres
    return postgres.url


def _start_services(stack: Stack, options: StackOptions, env: Mapping[str, str]) -> list[Service]:
    """The inner services first, so that the gateway is the first to be stopped, and the keeper is the last."""
    services = []
    for name in _SERVICES:
        if name in _INNER and f"LIVETRANSLATE_{name.upper()}_URL" in options.environment:
            continue
        if name == "keeper" and not options.memory_budget_mib:
            continue
        service = start_service(name, stack.addresses[name], env=env, log_folder=options.data_folder)
        stack.parts[name] = service.process
        stack.metrics_addresses[name] = env[_metrics_variable(name)]
        services.append(service)
    return services


def _metrics_variable(name: str) -> str:
    return f"LIVETRANSLATE_{name.upper()}_METRICS_LISTEN"


def _start_triton(stack: Stack, options: StackOptions, port: int) -> None:
    triton = start_triton(
        TritonOptions(
            model_repository=options.model_repository,
            profile=options.profile,
            models_folder=options.models_folder,
            ranks=options.ranks,
            instances=options.instances,
            grpc_port=port,
            loads_on_demand=options.memory_budget_mib > 0,
            otlp_endpoint=options.environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
            ready_timeout_seconds=options.ready_timeout_seconds,
        ),
        options.data_folder,
    )
    services = {name: stack.parts.pop(name) for name in list(stack.parts) if name != "postgres"}
    stack.parts["triton"] = triton
    stack.metrics_addresses["triton"] = triton.metrics_address
    stack.parts.update(services)  # stopped before the Triton that they use
    stack.left_out = {model.name: model.missing for model in triton.left_out if not model.is_optional}
