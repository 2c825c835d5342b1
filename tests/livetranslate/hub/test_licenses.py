from pathlib import Path

from livetranslate.hub.licenses import render_licenses
from livetranslate.hub.manifest import read_manifest

ROOT = Path(__file__).parents[3]


def test_the_page_is_the_manifests() -> None:
    """`tools/generate-licenses` was run after the last change."""
    offers = read_manifest(ROOT / "model_repository" / "manifest.toml").values()
    assert (ROOT / "docs" / "licenses.md").read_text() == render_licenses(offers)


def test_the_page_says_what_matters() -> None:
    """What may not be used commercially, who vouches for the bytes, whom to credit."""
    offers = read_manifest(ROOT / "model_repository" / "manifest.toml")
    page = render_licenses([offers["nllb-200-600m"], offers["opus-en-vi"], offers["es_ES-davefx-medium"]])
    nllb, opus, davefx = (line for line in page.splitlines() if line.startswith("| `"))
    assert nllb.startswith("| `nllb-200-600m` | CC-BY-NC-4.0 | **no** |  | manifest | [JustFrederik/")
    assert "| yes | cpu" in opus
    assert "| hub |" in opus
    assert "University of Helsinki" in opus
    assert "| **unclear** |" in davefx
    assert "es/es_ES/davefx/medium" in davefx
    assert "- `es_ES-davefx-medium`: Trained on from" in page
