"""Neural translation on a real Triton; the model is a dictionary, so that its answers are known."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from bench.triton_counts import counts_of
from bench.weights.translator import save_dictionary_translator, save_many_pairs_translator
from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError
from livetranslate.load_meter import LoadMeter
from livetranslate.server import Server
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import FINAL_PRIORITY, Outputs, TritonClient
from livetranslate.v1 import mt_pb2, mt_pb2_grpc
from mt.service import MtService
from mt.settings import MtSettings
from mt.translator import TritonTranslator

ROOT = Path(__file__).parents[2]
OPUS, MANY = "mt_opus_en_es", "mt_many"
TIMEOUT_SECONDS = 20.0
WORDS = {"the": "el", "we": "nosotros", "have": "tenemos", "three": "tres", "options": "opciones", "dog": "perro"}
CONCEPTS = [{"en": "the", "de": "der", "fr": "le"}, {"en": "dog", "de": "Hund", "fr": "chien"}]


@pytest.fixture(scope="module")
def ct2_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves a dictionary and a model of many pairs."""
    models_folder = tmp_path_factory.mktemp("models")
    save_dictionary_translator(models_folder / "opus-en-es", "en", "es", WORDS)
    save_many_pairs_translator(models_folder / "many", CONCEPTS)
    options = TritonOptions(model_repository=ROOT / "model_repository", profile="cpu", models_folder=models_folder)
    server = start_triton(options, tmp_path_factory.mktemp("ct2_triton"))
    yield server
    server.stop()


@pytest.fixture
async def client(ct2_triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(ct2_triton.grpc_address)
    await client.models("mt")  # whose outputs are known from now on
    yield client
    await client.close()


async def infer(client: TritonClient, model: str, text: str, pair: str = "en-es", prefix: str | None = None) -> Outputs:
    """What a model makes of a text."""
    source, _, target = pair.partition("-")
    inputs = {"TEXT": [text], "SOURCE_LANGUAGE": [source], "TARGET_LANGUAGE": [target]}
    inputs |= {} if prefix is None else {"PREFIX": [prefix]}
    return await client.infer(model, inputs, timeout_seconds=TIMEOUT_SECONDS, priority=FINAL_PRIORITY)


async def translate(client: TritonClient, model: str, text: str, pair: str = "en-es", prefix: str | None = None) -> str:
    translation = (await infer(client, model, text, pair, prefix))["TRANSLATION"][0]
    assert isinstance(translation, bytes)
    return translation.decode()


async def test_a_sentence_is_translated_and_scored(client: TritonClient) -> None:
    """Marks and capital letters stay where they are; the dictionary is sure of itself."""
    outputs = await infer(client, OPUS, "We have three options.")
    assert outputs["TRANSLATION"] == [b"Nosotros tenemos tres opciones."]
    assert -0.1 < float(outputs["SCORE"][0]) <= 0


async def test_a_clause_carries_on_after_its_prefix(client: TritonClient) -> None:
    """The answer is what comes after it."""
    assert await translate(client, OPUS, "we have three options", prefix="nosotros tenemos") == "tres opciones"
    assert await translate(client, OPUS, "we have", prefix="") == "nosotros tenemos"


async def test_one_model_translates_into_several_languages(client: TritonClient) -> None:
    """Also in one batch, some with a prefix."""
    texts = {"en-de": "der Hund", "en-fr": "le chien", "de-fr": "le chien", "fr-en": "the dog", "de-en": "the dog"}
    sources = {"en": "the dog", "de": "der Hund", "fr": "le chien"}
    whole = [translate(client, MANY, sources[pair[:2]], pair) for pair in texts]
    rest = [translate(client, MANY, sources[pair[:2]], pair, text.split()[0]) for pair, text in texts.items()]
    answers = await asyncio.gather(*whole, *rest)
    assert answers == [*texts.values(), *(text.split()[1] for text in texts.values())]


async def test_sessions_share_batches_and_get_their_own_answers(ct2_triton: Triton, client: TritonClient) -> None:
    """Many clients, each with its own texts one after the other: several to a batch, none mixed up."""
    before = counts_of(ct2_triton, OPUS)

    async def session(number: int) -> list[bool]:
        texts = [" ".join(["dog"] * (1 + (number + step) % 9)) for step in range(8)]
        own = TritonClient(ct2_triton.grpc_address)
        answers = [await translate(own, OPUS, f"{text} {number}") for text in texts]
        await own.close()
        return [
            answer == f"{text.replace('dog', 'perro')} {number}" for text, answer in zip(texts, answers, strict=True)
        ]

    assert all(map(all, await asyncio.gather(*(session(number) for number in range(12)))))
    assert counts_of(ct2_triton, OPUS).since(before).mean_batch > 2


async def test_targets_of_a_segment_share_a_batch(ct2_triton: Triton, client: TritonClient) -> None:
    """One text for several languages at once goes through the model once."""
    before = counts_of(ct2_triton, MANY)
    for _ in range(10):
        await asyncio.gather(*(translate(client, MANY, "the dog", pair) for pair in ("en-de", "en-fr")))
    assert counts_of(ct2_triton, MANY).since(before).mean_batch > 1.5


async def test_a_bad_request_does_not_spoil_its_batch(client: TritonClient) -> None:
    """A pair that there is not and a text that is too long are refused; all others are translated."""
    good = [translate(client, OPUS, "three dog") for _ in range(10)]
    bad = [translate(client, OPUS, "three dog", "en-xx"), translate(client, OPUS, "dog " * 400)]
    answers = await asyncio.gather(*good[:5], *bad, *good[5:], return_exceptions=True)
    assert answers[:5] + answers[7:] == ["tres perro"] * 10
    pair, length = answers[5:7]
    assert isinstance(pair, InvalidArgumentError)
    assert "en-es" in str(pair)
    assert isinstance(length, InvalidArgumentError)
    assert "in clauses" in str(length)


async def test_whatever_is_sent_is_answered(client: TritonClient) -> None:
    """Nothing, marks, control characters, other scripts and broken prefixes."""
    texts = ["", " ", "...", "\0", "\u200b", "日本語", "😀 dog", "</s>", "<unk> dog", "▁", "dog\ndog", "a" * 200]
    prefixes = [None, "", "😀", "</s>", "perro. perro."]
    await asyncio.gather(*(translate(client, OPUS, text, prefix=prefix) for text in texts for prefix in prefixes))
    assert await translate(client, OPUS, "three dog") == "tres perro"
    assert await translate(client, OPUS, "...") == "..."


async def test_the_models_describe_themselves(client: TritonClient) -> None:
    """A service learns the pairs, the licence, and that a prefix is of use."""
    models = {model.name: model for model in await client.models("mt")}
    assert models[OPUS].language_pairs == (("en", "es"),)
    assert len(models[MANY].language_pairs) == 6
    assert models[OPUS].takes == {"prefix"}
    assert models[OPUS].license == "Apache-2.0"


async def test_a_segment_is_translated_clause_by_clause(ct2_triton: Triton, client: TritonClient) -> None:
    """mt sends what is committed with the translation so far, and what comes back carries it on."""
    settings = MtSettings(listen="127.0.0.1:0", triton_url=ct2_triton.grpc_address, drain_seconds=0)
    server = Server(settings, "livetranslate.v1.MtService")
    translate = TritonTranslator(client, settings).translate
    service = MtService(settings, ModelDirectory(client, "mt"), translate, server.drain, LoadMeter())
    mt_pb2_grpc.add_MtServiceServicer_to_server(service, server.grpc)
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            revisions = await session(mt_pb2_grpc.MtServiceStub(channel))
    finally:
        await server.stop()
    committed = [revision.committed_text for revision in revisions]
    assert all(after.startswith(before) for before, after in itertools.pairwise(committed))
    assert committed[-1] == "Nosotros tenemos tres opciones, el perro tenemos opciones. El perro, nosotros."
    assert len(set(committed)) > 2
    assert {revision.model for revision in revisions} == {OPUS}


async def session(stub: "mt_pb2_grpc.MtServiceAsyncStub") -> list[mt_pb2.TranslationRevision]:
    """What comes of a segment that grows."""
    request = mt_pb2.StreamingTranslateRequest
    target = mt_pb2.TranslationTarget(language_code="es")
    call = stub.StreamingTranslate()
    await call.write(request(config=mt_pb2.TranslationConfig(source_language_code="en", targets=[target])))
    text = "We have three options, the dog have options. The dog, we."
    for end in (len("We have three options,"), len("We have three options, the dog have options."), len(text)):
        segment = mt_pb2.SourceSegment(segment_id="1", committed_text=text[:end], is_final=end == len(text))
        await call.write(request(segment=segment))
    await call.done_writing()
    received = []
    while (answer := await call.read()) is not grpc.aio.EOF:
        assert isinstance(answer, mt_pb2.StreamingTranslateResponse)
        received.append(answer.revision)
    return received
