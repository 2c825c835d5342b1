"""Settings come from environment variables; a wrong one is refused by name, with what would be valid."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from livetranslate.addresses import check_address, check_addresses


class SettingsError(Exception):
    """An environment variable has a value that cannot be used; the message is a line per variable."""


Address = Annotated[str, AfterValidator(check_address)]
"""A `HOST:PORT` to listen on."""

Addresses = Annotated[str, AfterValidator(check_addresses)]
"""Where a service is: one `HOST:PORT`, or several, separated by commas."""


class ServiceSettings(BaseSettings):
    """What every service has. A service's own variables carry its name: `LIVETRANSLATE_ASR_LISTEN`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    listen: Address
    """Where to listen. Loopback until told otherwise."""
    max_message_bytes: int = Field(4 * 1024 * 1024, ge=64 * 1024, le=256 * 1024 * 1024)
    """The largest gRPC message accepted: four of the largest audio messages."""
    keepalive_seconds: float = Field(20, ge=1)
    """Silence on a connection after which it is pinged: shorter than the idle limits of common load balancers."""
    keepalive_timeout_seconds: float = Field(10, ge=1)
    """How long a ping may stay unanswered before the connection counts as dead."""
    connection_age_seconds: float = Field(60, ge=1)
    """How old a connection may be before new streams need another one; those on it go on. A client asks for the
    addresses of a name only when it connects: this is how it finds replicas that were added."""
    drain_seconds: float = Field(10, ge=0)
    """After SIGTERM: how long running streams may go on by themselves. With the flush, and 10 s for a slow database to
    take the rest, a stop stays within the 30 s that Kubernetes grants by default."""
    flush_seconds: float = Field(5, ge=0)
    """After that: how long they may take to end before they are cancelled."""
    metrics_listen: Address | None = None
    """Where Prometheus may ask for metrics, by HTTP at `/metrics`; without it nobody can."""
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", validation_alias="LIVETRANSLATE_LOG_LEVEL")
    """debug, info, warning or error. Logs are JSON lines on standard error."""

    @property
    def process_count(self) -> int:
        """How many processes share the port."""
        return 1

    @property
    def receive_limit_bytes(self) -> int:
        """The largest message that the server takes, whatever its method: gRPC has one limit for all."""
        return self.max_message_bytes

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check all variables.

        Raises:
            SettingsError: Names each wrong variable, its value and what would be valid.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("\n".join(cls._explain(dict(problem)) for problem in error.errors())) from None

    @classmethod
    def _explain(cls, problem: dict[str, object]) -> str:
        location = problem["loc"]
        field = str(location[0]) if isinstance(location, tuple) and location else ""
        variable = variable_of(cls, field)
        reason = str(problem["msg"]).removeprefix("Value error, ")
        if problem["type"] == "missing":
            return f"{variable} is not set. docs/settings.md says what it may be."
        return f"{variable}={_without_user(problem['input'])!r}: {reason}"


def _without_user(value: object) -> object:
    """A value as it may be shown: what stands before the @ of an address can be a password."""
    return f"…{value[value.rindex('@') :]}" if isinstance(value, str) and "@" in value else value


def variable_of(settings: type[ServiceSettings], field: str) -> str:
    """The environment variable of a field; where the variable's own name is given, that."""
    if field in settings.model_fields and (alias := settings.model_fields[field].validation_alias):
        return str(alias)
    prefix = settings.model_config.get("env_prefix", "")
    return field if field.startswith("LIVETRANSLATE_") else f"{prefix}{field}".upper()


@dataclass(frozen=True, slots=True)
class KeeperOptions:
    """The keeper of the models, as a service uses it.

    Attributes:
        address: `HOST:PORT`.
        wait_seconds: How long a session waits for a model that is being loaded.
        idle_seconds: How long a model is held after its last session.
    """

    address: str
    wait_seconds: float = 60.0
    idle_seconds: float = 10.0


class TritonSettings(ServiceSettings):
    """What every service in front of Triton has."""

    triton_url: Addresses = Field("127.0.0.1:8001", validation_alias="LIVETRANSLATE_TRITON_URL")
    """Triton's gRPC address. Of several, each replica of a service keeps to one while it lasts."""
    triton_wait_seconds: float = Field(10, ge=0, validation_alias="LIVETRANSLATE_TRITON_WAIT_SECONDS")
    """How long to wait for Triton at start before giving up."""
    keeper_url: Address | None = Field(None, validation_alias="LIVETRANSLATE_KEEPER_URL")
    """The gRPC address of the keeper beside that Triton; without one all models are taken to be loaded."""
    keeper_wait_seconds: float = Field(60, gt=0, validation_alias="LIVETRANSLATE_KEEPER_WAIT_SECONDS")
    """How long a session waits for a model that is being loaded."""
    keeper_idle_seconds: float = Field(10, ge=0, validation_alias="LIVETRANSLATE_KEEPER_IDLE_SECONDS")
    """How long a model is held after its last session: longer than a stream that broke takes to come back."""

    @property
    def keeper(self) -> KeeperOptions | None:
        """Who loads the models, if somebody does."""
        if self.keeper_url is None:
            return None
        return KeeperOptions(self.keeper_url, self.keeper_wait_seconds, self.keeper_idle_seconds)
