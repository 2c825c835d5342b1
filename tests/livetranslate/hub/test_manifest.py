from collections.abc import Mapping
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from livetranslate.hub.manifest import ManifestError, Offer, read_manifest, select
from livetranslate.models import model_from_parameters
from livetranslate.stack.models import find_models, render_models
from livetranslate.weights import Weights, WeightsFile, describe_file, write_weights

REPOSITORY = Path(__file__).parents[3] / "model_repository"
OFFERS = read_manifest(REPOSITORY / "manifest.toml")
ENTRY = """
[opus-en-es]
engine = "mt_ct2"
repo = "some/model"
revision = "0123456789abcdef0123456789abcdef01234567"
profiles = ["cpu", "gpu"]
default_for = ["cpu"]
license = "Apache-2.0"
commercial_use = "yes"
attribution = "Somebody"
size_mib = 3
memory_mib = { cpu = 100, gpu = 200 }
parameters = { language_pairs = "en-es" }
files = { "model.bin" = {} }

[nllb]
engine = "mt_ct2"
repo = "some/other"
revision = "main"
profiles = ["cpu"]
license = "CC-BY-NC-4.0"
commercial_use = "no"
attribution = "Somebody else"
memory_mib = { cpu = 100 }
parameters = { language_pairs = "en-es es-en" }

[nllb.files]
"model.bin" = { sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", size_bytes = 4194304 }
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.toml"
    path.write_text(ENTRY)
    return path


def test_offers_are_read_in_order(manifest: Path) -> None:
    """With their names."""
    offers = read_manifest(manifest)
    assert [offer.name for offer in offers.values()] == ["opus-en-es", "nllb"]
    assert [offer.download_mib for offer in offers.values()] == [3, 4]


def test_pinned_means_every_byte(manifest: Path) -> None:
    """Neither a commit without digests nor digests without a commit will do."""
    opus, nllb = read_manifest(manifest).values()
    assert (opus.is_at_a_commit, opus.is_pinned) == (True, False)
    assert (nllb.is_at_a_commit, nllb.is_pinned) == (False, False)
    assert nllb.model_copy(update={"revision": opus.revision}).is_pinned


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('engine = "mt_ct2"\nrepo = "some/model"', 'engine = "ct2"\nrepo = "some/model"', r"opus-en-es\.engine"),
        ('default_for = ["cpu"]', 'default_for = ["openvino"]', "profiles has not"),
        ('license = "CC-BY-NC-4.0"', 'license = "CC-BY-NC-4.0"\ndefault_for = ["cpu"]', "belongs to no set"),
        ("size_mib = 3\n", "", "size_mib is needed"),
        ('"model.bin" = {} }', '"../model.bin" = {} }', "within the weights' folder"),
        ('"model.bin" = {} }', '"weights.json" = {} }', "within the weights' folder"),
        ('"model.bin" = {} }', '"model.bin" = { size_bytes = 3 } }', "come together"),
        ("[opus-en-es]", '["opus/en"]', "cannot be the name of a folder"),
        ("[opus-en-es]", "[opus-en-es", "is not TOML"),
        ('attribution = "Somebody"', "", "attribution: Field required"),
        ('attribution = "Somebody"', 'attribution = "Somebody"\nlicence = "MIT"', "licence: Extra inputs"),
    ],
)
def test_a_wrong_manifest_says_where(manifest: Path, old: str, new: str, problem: str) -> None:
    """Nothing is fetched by a manifest that is wrong anywhere."""
    assert old in ENTRY
    manifest.write_text(ENTRY.replace(old, new, 1))
    with pytest.raises(ManifestError, match=problem):
        read_manifest(manifest)


def test_a_missing_manifest(tmp_path: Path) -> None:
    """The message names the setting that leads to another."""
    with pytest.raises(ManifestError, match="LIVETRANSLATE_MODEL_REPOSITORY"):
        read_manifest(tmp_path / "manifest.toml")


def test_a_selection_is_names_and_a_profile(manifest: Path) -> None:
    """Each once."""
    offers = read_manifest(manifest)
    assert [offer.name for offer in select(offers, ["nllb"], "cpu")] == ["nllb", "opus-en-es"]
    assert [offer.name for offer in select(offers, ["opus-en-es"], "cpu")] == ["opus-en-es"]
    assert select(offers, [], "") == []


def test_what_is_not_offered_cannot_be_selected(manifest: Path) -> None:
    """The message lists what is."""
    offers = read_manifest(manifest)
    with pytest.raises(ManifestError, match=r"no weights opus\. There are: opus-en-es, nllb"):
        select(offers, ["opus"], "")
    with pytest.raises(ManifestError, match=r"'embedded' has no set of weights\. These have one: cpu"):
        select(offers, [], "embedded")


@pytest.mark.parametrize("profile", ["cpu", "openvino", "gpu"])
def test_a_set_is_complete(profile: str) -> None:
    """It recognizes, translates English from and into four languages, and speaks."""
    chosen = select(OFFERS, [], profile)
    pairs = {pair for offer in chosen for pair in offer.parameters.get("language_pairs", "").split()}
    assert {f"en-{other}" for other in ("es", "fr", "de", "vi")} <= pairs
    assert {f"{other}-en" for other in ("es", "fr", "de", "vi")} <= pairs
    assert {offer.engine.partition("_")[0] for offer in chosen} == {"asr", "mt", "tts"}
    assert (
        sum(offer.memory_mib[profile] for offer in chosen) < {"cpu": 4_000, "openvino": 8_000, "gpu": 16_000}[profile]
    )


def test_a_set_has_one_model_for_each_thing() -> None:
    """Nobody pulls two recognizers, or two translators of a pair, unasked."""
    for profile in ("cpu", "openvino", "gpu"):
        does = [f"{offer.engine.partition('_')[0]} {offer.speaks}" for offer in select(OFFERS, [], profile)]
        assert len(does) == len(set(does))


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_an_offer_makes_a_model(offer: Offer, tmp_path: Path) -> None:
    """Its engine is there, and serves its profiles; with its parameters the model describes itself to the services."""
    assert set(offer.profiles) <= set(_parameters(REPOSITORY / offer.engine / "config.pbtxt")["profile"].split())
    profile = offer.profiles[0]
    _install_nothing(offer, tmp_path / "models")
    models = [model for model in find_models(REPOSITORY, profile, tmp_path / "models") if model.weights]
    rendered = render_models(models, tmp_path / "served", instances=1)
    (name,) = rendered.names
    parameters = _parameters(tmp_path / "served" / name / "config.pbtxt")
    model = model_from_parameters(name, parameters)
    assert model.task == offer.engine.partition("_")[0]
    assert model.language_pairs if model.task == "mt" else model.languages
    assert bool(model.voices) == (model.task == "tts")
    assert parameters["license"] == offer.license
    assert parameters["memory_mib"] == str(offer.memory_mib[profile])


def _parameters(path: Path) -> Mapping[str, str]:
    config = model_config_pb2.ModelConfig()
    text_format.Parse(path.read_text(), config)
    return {key: value.string_value for key, value in config.parameters.items()}


def _install_nothing(offer: Offer, models_folder: Path) -> None:
    """Weights as the offer describes them, with an empty file for each."""
    folder = models_folder / offer.name
    files: dict[str, WeightsFile] = {}
    for name in offer.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
        files[name] = describe_file(folder / name)
    write_weights(
        Weights(
            name=offer.name,
            engine=offer.engine,
            profiles=offer.profiles,
            license=offer.license,
            memory_mib=offer.memory_mib,
            parameters=offer.parameters,
            files=files,
            folder=folder,
        )
    )
