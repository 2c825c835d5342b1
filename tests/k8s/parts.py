"""What runs in containers: modules of ours, and the settings that each of them reads."""

import importlib.util
from collections.abc import Mapping, Sequence

import pytest

from asr.settings import AsrSettings
from gateway.settings import GatewaySettings
from livetranslate.keeper.settings import KeeperSettings
from livetranslate.settings import ServiceSettings, variable_of
from mt.settings import MtSettings
from tts.settings import TtsSettings

SETTINGS: Mapping[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "gateway.store.migrate": GatewaySettings,
    "asr": AsrSettings,
    "mt": MtSettings,
    "tts": TtsSettings,
    "livetranslate.keeper": KeeperSettings,
}
METRICS_PORT = 9464
DATABASE_URL = "LIVETRANSLATE_DATABASE_URL"
CLEAN_UP_SECONDS = 3.5  # of `livetranslate.server`, after the flush


def module_of(command: Sequence[str]) -> str | None:
    """The module of `python -m MODULE`, which has to be there; None for any other program."""
    if list(command[:2]) != ["python", "-m"]:
        return None
    [module] = command[2:]
    found = importlib.util.find_spec(module)
    assert found, module
    is_package = found.submodule_search_locations is not None
    assert not is_package or importlib.util.find_spec(f"{module}.__main__"), module
    return module


def read_settings(module: str, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    """The settings as the module would read them; no variable of ours may be one that it does not have."""
    settings = SETTINGS[module]
    known = {variable_of(settings, field) for field in settings.model_fields}
    ours = {name: value for name, value in environment.items() if name.startswith("LIVETRANSLATE_")}
    assert not set(ours) - known, f"{module} knows no {set(ours) - known}"
    with monkeypatch.context() as context:
        if settings is GatewaySettings:
            context.setenv(DATABASE_URL, "postgresql://user@elsewhere/database")  # of a Secret
        for name, value in ours.items():
            context.setenv(name, value)
        return settings.from_environment()


def stop_seconds(settings: ServiceSettings) -> float:
    """How long a service takes to stop, at the most."""
    seconds = settings.drain_seconds + settings.flush_seconds + CLEAN_UP_SECONDS
    return seconds + settings.store_seconds if isinstance(settings, GatewaySettings) else seconds


def wait_seconds(settings: ServiceSettings) -> float:
    """How long a service waits at start for what it needs."""
    if isinstance(settings, GatewaySettings):
        return settings.database_wait_seconds
    return float(getattr(settings, "triton_wait_seconds", 0))


def port_of(address: str | None) -> int:
    """The port of a `HOST:PORT` that is open to other hosts."""
    assert address is not None
    host, _, port = address.rpartition(":")
    assert host == "0.0.0.0", address  # noqa: S104 - in a pod or a network of its own
    return int(port)
