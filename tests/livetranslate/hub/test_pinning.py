import hashlib
import tomllib
from pathlib import Path

import pytest

from livetranslate.hub import pinning
from livetranslate.hub.manifest import read_manifest
from livetranslate.weights import WeightsFile
from tests.livetranslate.hub.conftest import CONFIG, MODEL
from tests.livetranslate.hub.loopback_hub import COMMIT, LoopbackHub, make_it_the_hub

MANIFEST = """# The head.

[opus-en-es]
engine = "mt_ct2"
repo = "some/model"
revision = "main"
profiles = ["cpu"]
license = "Apache-2.0"
commercial_use = "yes"
attribution = "Somebody"
size_mib = 1
memory_mib = { cpu = 100 }
[opus-en-es.parameters]
language_pairs = "en-es"
[opus-en-es.files]
"config.json" = {}
"model.bin" = {}

# What comes after.

["opus.en.fr"]
engine = "mt_ct2"
repo = "some/model"
revision = "main"
profiles = ["cpu"]
license = "Apache-2.0"
commercial_use = "yes"
attribution = "Somebody"
size_mib = 1
memory_mib = { cpu = 100 }
["opus.en.fr".files]
"model.bin" = {}
"""


@pytest.fixture
def path(hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A manifest that leaves everything open."""
    path = tmp_path / "manifest.toml"
    path.write_text(MANIFEST)
    monkeypatch.setenv("LIVETRANSLATE_MODEL_REPOSITORY", str(tmp_path))
    make_it_the_hub(hub, monkeypatch)
    return path


def test_everything_is_pinned(path: Path) -> None:
    """Large files by what the hub states, small ones by what they are."""
    pinning.main(["opus-en-es"])
    offer = read_manifest(path)["opus-en-es"]
    assert offer.is_pinned
    assert offer.revision == COMMIT
    assert offer.files["model.bin"].sha256 == hashlib.sha256(MODEL).hexdigest()
    assert offer.files["config.json"].sha256 == hashlib.sha256(CONFIG).hexdigest()
    assert offer.files["config.json"].size_bytes == len(CONFIG)


def test_all_else_stays(path: Path) -> None:
    """Comments, and the other offers."""
    pinning.main(["opus-en-es"])
    text = path.read_text()
    assert text.startswith("# The head.\n\n[opus-en-es]\n")
    assert MANIFEST[MANIFEST.index("\n# What comes after.") :] in text


def test_the_last_offer_and_a_quoted_name(path: Path) -> None:
    """There is nothing behind it."""
    pinned = pinning.write_pins(MANIFEST, "opus.en.fr", "f" * 40, {"model.bin": WeightsFile("0" * 64, 7)})
    assert tomllib.loads(pinned)["opus.en.fr"]["revision"] == "f" * 40
    assert tomllib.loads(pinned)["opus.en.fr"]["files"] == {"model.bin": {"sha256": "0" * 64, "size_bytes": 7}}
    assert tomllib.loads(pinned)["opus-en-es"]["revision"] == "main"
