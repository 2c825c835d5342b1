"""Weights come from a hub as the manifest has them, and a real Triton serves them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from bench.weights.translator import save_dictionary_translator
from bench.weights.voice import save_tiny_voice
from livetranslate.hub.install import install
from livetranslate.hub.manifest import Offer, Pin, read_manifest
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import TritonClient
from tests.livetranslate.hub.loopback_hub import COMMIT, LoopbackHub, loopback_hub

ROOT = Path(__file__).parents[2]
TRANSLATOR, VOICE = "opus-en-es", "en_US-ljspeech-medium"
TIMEOUT_SECONDS = 20.0


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves a translator and a voice of the manifest's, whose files are made here."""
    made, models_folder = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("models")
    save_dictionary_translator(made / TRANSLATOR, "en", "es", {"the": "el", "dog": "perro"})
    save_tiny_voice(made / VOICE, "en-us")
    offers = read_manifest(ROOT / "model_repository" / "manifest.toml")
    with loopback_hub() as hub:
        for name in (TRANSLATOR, VOICE):
            offer = publish(hub, offers[name], made / name)
            install(offer, models_folder, lambda *_: None, endpoint=hub.address)
    options = TritonOptions(model_repository=ROOT / "model_repository", profile="cpu", models_folder=models_folder)
    server = start_triton(options, tmp_path_factory.mktemp("triton"))
    yield server
    server.stop()


def publish(hub: LoopbackHub, offer: Offer, folder: Path) -> Offer:
    """Puts the files that the offer names into its repository; returns it with their digests left to the hub."""
    hub.repos.setdefault(offer.repo, {}).update(
        {offer.remote(name): (folder / name).read_bytes() for name in offer.files}
    )
    return offer.model_copy(update={"revision": COMMIT, "files": dict.fromkeys(offer.files, Pin()), "size_mib": 1})


@pytest.fixture
async def client(triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(triton.grpc_address)
    await client.models("mt")  # whose outputs are known from now on
    yield client
    await client.close()


async def test_a_pulled_translator_translates(client: TritonClient) -> None:
    """Under the name of its weights; the files that the manifest names are all that it needs."""
    inputs = {"TEXT": ["The dog"], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
    outputs = await client.infer("mt_opus_en_es", inputs, timeout_seconds=TIMEOUT_SECONDS)
    assert outputs["TRANSLATION"] == [b"El perro"]


async def test_a_pulled_voice_speaks(client: TritonClient) -> None:
    """With the language and the sample rate that the manifest says."""
    (voice,) = [model for model in await client.models("tts") if model.name == "tts_en_us_ljspeech_medium"]
    assert (voice.languages, voice.voices, voice.sample_rate_hertz) == (("en", "en-US"), ("ljspeech",), 22_050)
    inputs = {"TEXT": ["Yes."], "LANGUAGE": ["en-US"]}
    chunks = [
        chunk["AUDIO"] async for chunk in client.infer_stream(voice.name, inputs, timeout_seconds=TIMEOUT_SECONDS)
    ]
    assert np.concatenate(chunks).any()
