import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_variable_that_the_code_names_is_documented() -> None:
    """Also those of the command line and of models, on the page of settings or of models."""
    pages = [
        ROOT / "docs" / "settings.md",
        ROOT / "docs" / "reference" / "settings.md",
        ROOT / "model_repository" / "README.md",
    ]
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
