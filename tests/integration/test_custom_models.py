"""Does what docs/custom-models.md says, with the very code of the page."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

from bench.weights.translator import save_dictionary_translator
from livetranslate.errors import InvalidArgumentError
from livetranslate.models import models_for_pair
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.tensors import add_input
from livetranslate.triton import TritonClient

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "custom-models.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w./-]+)`\n\n```\w*\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
ENGINE = {path: text for path, text in FILES.items() if path.startswith("mt_words/")}


@pytest.fixture(scope="module")
def custom_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves the page's engine, alone and with weights, and the page's weights."""
    folder = tmp_path_factory.mktemp("custom")
    engines, weights = folder / "my-engines", folder / "models"
    _write(engines, ENGINE)
    _write(engines, _with_weights())
    (engines / "mt_ct2").symlink_to(ROOT / "model_repository" / "mt_ct2")
    save_dictionary_translator(weights / "ours-en-es", "en", "es", {"three": "tres", "cats": "gatos"})
    french = {"name": "words-en-fr", "engine": "mt_lists", "profiles": ["cpu"], "license": "MIT"}
    french_files = {
        "words-en-fr/weights.json": json.dumps({**french, "parameters": {"language_pairs": "en-fr"}}),
        "words-en-fr/words.json": json.dumps({"three": "trois", "dogs": "chiens"}),
    }
    _write(weights, {"ours-en-es/weights.json": FILES["ours-en-es/weights.json"], **french_files})
    server = start_triton(TritonOptions(model_repository=engines, profile="cpu", models_folder=weights), folder)
    yield server
    server.stop()


@pytest.fixture
async def client(custom_triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(custom_triton.grpc_address)
    await client.models("mt")
    yield client
    await client.close()


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _with_weights() -> dict[str, str]:
    """The page's engine, changed as the page says, under another name."""
    section = PAGE.partition("### With weights")[2]
    config, code = re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[:2]
    imports = re.findall(r"`((?:import|from) [^`]+)`", section)
    loads = ENGINE["mt_words/1/model.py"].replace('        self.words = {"three": "tres", "dogs": "perros"}\n', code)
    pairs = 'parameters { key: "language_pairs" value { string_value: "en-es" } }\n'
    return {
        "mt_lists/config.pbtxt": ENGINE["mt_words/config.pbtxt"].replace("mt_words", "mt_lists").replace(pairs, config),
        "mt_lists/1/model.py": "\n".join([*imports, loads]),
    }


async def translate(client: TritonClient, model: str, text: str) -> str:
    inputs = {"TEXT": [text], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
    translation = (await client.infer(model, inputs, timeout_seconds=20))["TRANSLATION"][0]
    assert isinstance(translation, bytes)
    return translation.decode()


def test_an_engine_is_few_lines() -> None:
    """As many as the page says, and less than fifty."""
    lines = sum(text.count("\n") for text in ENGINE.values())
    assert f"two files, {lines} lines" in PAGE
    assert lines < 50


async def test_the_engine_of_the_page_translates(client: TritonClient) -> None:
    """In batches, each text its own, and what makes no sense is refused and spoils nothing."""
    texts = [f"three dogs {number}" for number in range(40)]
    asked = [translate(client, "mt_words", text) for text in [*texts, "  "]]
    *answers, refused = await asyncio.gather(*asked, return_exceptions=True)
    assert answers == [f"tres perros {number}" for number in range(40)]
    assert isinstance(refused, InvalidArgumentError)
    assert "nothing to translate" in str(refused)


async def test_a_request_is_one_text(custom_triton: Triton, client: TritonClient) -> None:
    """One that has several is refused, and those of its batch are answered."""
    request = service_pb2.ModelInferRequest(model_name="mt_words")
    for name, value in (("TEXT", "dogs"), ("SOURCE_LANGUAGE", "en"), ("TARGET_LANGUAGE", "es")):
        add_input(request, name, [value, value])
        request.inputs[-1].shape[:] = [2, 1]
    async with grpc.aio.insecure_channel(custom_triton.grpc_address) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        good = [translate(client, "mt_words", "three dogs") for _ in range(20)]
        *answers, refused = await asyncio.gather(*good, stub.ModelInfer(request), return_exceptions=True)
    assert answers == ["tres perros"] * 20
    assert isinstance(refused, grpc.aio.AioRpcError)
    assert refused.details() == "TEXT has 2 values: send a request for each"


async def test_the_engine_of_the_page_takes_weights(client: TritonClient) -> None:
    """Changed as the page says, it is a model for each folder of weights."""
    assert await translate(client, "mt_words_en_fr", "three dogs") == "trois chiens"


async def test_the_weights_of_the_page_are_served(client: TritonClient) -> None:
    """By the engine that they name, under their own name."""
    assert await translate(client, "mt_ours_en_es", "three cats") == "tres gatos"


async def test_models_are_ranked_as_the_page_says(client: TritonClient) -> None:
    """What says nothing of its rank comes before what says 15."""
    chain = models_for_pair(await client.models("mt"), "en", "es")
    assert [model.name for model, _, _ in chain] == ["mt_words", "mt_ours_en_es"]
