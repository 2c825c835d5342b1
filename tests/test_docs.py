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
        if field not in (
            "listen",
            "database_url",
            "log_level",
            "spill_dir",
            "riva",
            "keeper_url",
            "metrics_listen",
            "model_repository",
        ):
            assert row == (f"{info.default:g}" if isinstance(info.default, float) else str(info.default)), variable


def test_every_variable_that_the_code_names_is_documented() -> None:
    """Also those of the command line and of models, on the page of settings or of models."""
    pages = [ROOT / "docs" / "settings.md", ROOT / "model_repository" / "README.md"]
    documented = "".join(page.read_text(encoding="utf-8") for page in pages)
    for folder in ("livetranslate", "gateway", "asr", "mt", "tts", "model_repository"):
        for source in (ROOT / folder).rglob("*.py"):
            for variable in re.findall(r'"(LIVETRANSLATE_[A-Z_]*[A-Z])"', source.read_text(encoding="utf-8")):
                shared = re.sub(r"_(GATEWAY|ASR|MT|TTS|KEEPER)_", "_<NAME>_", variable)
                assert f"`{variable}`" in documented or f"`{shared}`" in documented, f"{source}: {variable}"


def test_links_lead_somewhere() -> None:
    """What the pages point to in the project is there, headings included."""
    for page in [ROOT / "README.md", *ROOT.glob("*/*.md")]:
        for link in re.findall(r"\]\((?!http)([^)]+)\)", page.read_text(encoding="utf-8")):
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), f"{page.name}: {link}"
            assert not heading or heading in _anchors(target), f"{page.name}: {link}"


def _anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _rows() -> dict[str, str]:
    """Each variable's default, as documented."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(LIVETRANSLATE_[A-Z_<>]+)` \| ([^|]+?) \|", text, re.MULTILINE))
