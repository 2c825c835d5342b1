import pytest

from livetranslate.keeper.settings import KeeperSettings
from livetranslate.settings import SettingsError


def test_the_repository_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable."""
    monkeypatch.delenv("LIVETRANSLATE_KEEPER_MODEL_REPOSITORY", raising=False)
    with pytest.raises(SettingsError, match="LIVETRANSLATE_KEEPER_MODEL_REPOSITORY is not set"):
        KeeperSettings.from_environment()


def test_a_relative_repository_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would depend on where the keeper is started."""
    monkeypatch.setenv("LIVETRANSLATE_KEEPER_MODEL_REPOSITORY", "models")
    with pytest.raises(SettingsError, match=r"'models'.*must be the whole path"):
        KeeperSettings.from_environment()
