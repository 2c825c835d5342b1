"""The settings of the gateway."""

import pytest

from gateway.settings import GatewaySettings
from livetranslate.settings import SettingsError

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has to be said."""
    monkeypatch.setenv("LIVETRANSLATE_DATABASE_URL", "postgresql://localhost/livetranslate")


@pytest.mark.parametrize(("is_open", "bytes_"), [("true", 64 * MIB), ("false", 4 * MIB)])
def test_the_door_for_riva_raises_the_limit_of_messages(
    monkeypatch: pytest.MonkeyPatch, is_open: str, bytes_: int
) -> None:
    """A whole file has to fit; without the door nothing so large is taken."""
    monkeypatch.setenv("LIVETRANSLATE_GATEWAY_RIVA", is_open)
    assert GatewaySettings.from_environment().receive_limit_bytes == bytes_


def test_the_door_for_riva_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed the door is closed, and cannot be opened."""
    monkeypatch.setattr("gateway.settings.find_spec", lambda _name: None)
    assert not GatewaySettings.from_environment().riva
    monkeypatch.setenv("LIVETRANSLATE_GATEWAY_RIVA", "true")
    with pytest.raises(SettingsError, match=r"LIVETRANSLATE_GATEWAY_RIVA=.*pip install 'livetranslate\[riva\]'"):
        GatewaySettings.from_environment()
