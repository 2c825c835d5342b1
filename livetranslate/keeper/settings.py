"""The settings of the keeper: environment variables `LIVETRANSLATE_KEEPER_…`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, ServiceSettings


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be the whole path of a folder, from /")
    return path


class KeeperSettings(ServiceSettings):
    """What can be set; see `livetranslate.settings` for what every service has."""

    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_KEEPER_")

    listen: Address = "127.0.0.1:50055"
    triton_url: Address = Field("127.0.0.1:8001", validation_alias="LIVETRANSLATE_TRITON_URL")
    """The gRPC address of the Triton whose models it keeps: one, started with `--model-control-mode=explicit`."""
    triton_wait_seconds: float = Field(10, ge=0, validation_alias="LIVETRANSLATE_TRITON_WAIT_SECONDS")
    """How long to wait for Triton at start before giving up."""
    model_repository: Annotated[Path, AfterValidator(_absolute)]
    """The folder that Triton serves: what a model that is not loaded says of itself is read there."""
    budget_mib: int = Field(0, ge=0)
    """What all models in memory may take together; 0: no limit, and nothing is ever unloaded."""
    stay_seconds: float = Field(10, ge=0, le=3600)
    """How long a model stays at least once it is loaded: two that do not fit together must not take turns by the
    second."""
    load_timeout_seconds: float = Field(300, gt=0, le=3600)
    """How long a load may take before it counts as failed."""
