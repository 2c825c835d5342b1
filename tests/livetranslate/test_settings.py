import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, SettingsError, TritonSettings


class Settings(TritonSettings):
    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_TEST_")

    listen: Address = "127.0.0.1:50000"
    size: int = Field(3, ge=1, le=5)


class Needy(Settings):
    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_TEST_")

    needed: str


def test_defaults_listen_on_loopback() -> None:
    """Without variables a service listens on this machine alone."""
    assert Settings.from_environment().listen.startswith("127.0.0.1:")


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service's own variables carry its name, shared ones do not."""
    monkeypatch.setenv("LIVETRANSLATE_TEST_SIZE", "5")
    monkeypatch.setenv("LIVETRANSLATE_TRITON_URL", "triton:8001")
    monkeypatch.setenv("LIVETRANSLATE_LOG_LEVEL", "debug")
    settings = Settings.from_environment()
    assert (settings.size, settings.triton_url, settings.log_level) == (5, "triton:8001", "debug")


def test_a_service_may_have_several_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is called may be in several places; what listens is in one."""
    monkeypatch.setenv("LIVETRANSLATE_TRITON_URL", "10.0.0.1:8001, 10.0.0.2:8001")
    assert Settings.from_environment().triton_url == "10.0.0.1:8001,10.0.0.2:8001"


@pytest.mark.parametrize(
    ("variable", "value", "valid"),
    [
        ("LIVETRANSLATE_TEST_SIZE", "9", "less than or equal to 5"),
        ("LIVETRANSLATE_TEST_SIZE", "big", "valid integer"),
        ("LIVETRANSLATE_TEST_LISTEN", "50051", "must be HOST:PORT"),
        ("LIVETRANSLATE_TEST_LISTEN", "host:70000", "must be HOST:PORT"),
        ("LIVETRANSLATE_TEST_MAX_MESSAGE_BYTES", "1", "greater than or equal to 65536"),
        ("LIVETRANSLATE_TEST_LISTEN", "127.0.0.1:1,127.0.0.1:2", "must be HOST:PORT"),
        ("LIVETRANSLATE_TRITON_URL", "nowhere", "must be HOST:PORT"),
        ("LIVETRANSLATE_TRITON_URL", "triton-1:8001,triton-2:8001", "Use one DNS name"),
        ("LIVETRANSLATE_LOG_LEVEL", "loud", "debug|info|warning|error"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, valid: str) -> None:
    """The error names the variable, its value and what would be valid."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment()
    assert str(refusal.value).startswith(f"{variable}={value!r}: ")
    assert valid in str(refusal.value)


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is named without the user and the password before its @."""
    monkeypatch.setenv("LIVETRANSLATE_TRITON_URL", "grpc://captions:hunter2@triton")
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment()
    assert str(refusal.value).startswith("LIVETRANSLATE_TRITON_URL='…@triton': must be HOST:PORT")


def test_all_wrong_values_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One error tells of every wrong variable, each on its line."""
    monkeypatch.setenv("LIVETRANSLATE_TEST_SIZE", "9")
    monkeypatch.setenv("LIVETRANSLATE_TEST_DRAIN_SECONDS", "-1")
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment()
    assert {line.split("=")[0] for line in str(refusal.value).splitlines()} == {
        "LIVETRANSLATE_TEST_SIZE",
        "LIVETRANSLATE_TEST_DRAIN_SECONDS",
    }


def test_a_missing_value_is_named() -> None:
    """The error names a variable that has to be set."""
    with pytest.raises(SettingsError, match=r"^LIVETRANSLATE_TEST_NEEDED is not set"):
        Needy.from_environment()
