import re
from pathlib import Path

import pytest

from asr.settings import AsrSettings
from gateway.settings import GatewaySettings
from livetranslate.keeper.settings import KeeperSettings
from livetranslate.settings import ServiceSettings, variable_of
from mt.settings import MtSettings
from tts.settings import TtsSettings

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("settings", [GatewaySettings, AsrSettings, MtSettings, TtsSettings, KeeperSettings])
def test_every_setting_is_documented(settings: type[ServiceSettings]) -> None:
    """The table names each variable, with the default that the code has."""
    rows = _rows()
    name = str(settings.model_config["env_prefix"]).split("_")[1]
    for field, info in settings.model_fields.items():
        variable = variable_of(settings, field)
        shared = variable.replace(f"_{name}_", "_<NAME>_")
        assert (row := rows.get(variable) or rows.get(shared)), f"{variable} is not documented"
        if field not in ("listen", "database_url", "log_level", "spill_dir", "keeper_url", "model_repository"):
            assert row == (f"{info.default:g}" if isinstance(info.default, float) else str(info.default)), variable


def test_links_lead_somewhere() -> None:
    """What the pages point to in the project is there."""
    for page in [ROOT / "README.md", *ROOT.glob("*/*.md")]:
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def _rows() -> dict[str, str]:
    """Each variable's default, as documented."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(LIVETRANSLATE_[A-Z_<>]+)` \| ([^|]+?) \|", text, re.MULTILINE))
