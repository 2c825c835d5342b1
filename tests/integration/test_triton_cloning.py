"""A voice that imitates, behind the real Triton, on small graphs: asked directly, and through tts."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from bench.weights.cloner import TOKEN_SAMPLES, save_tiny_cloner
from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError
from livetranslate.load_meter import LoadMeter
from livetranslate.server import Server
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.tensors import Value
from livetranslate.triton import TritonClient
from livetranslate.v1 import tts_pb2, tts_pb2_grpc
from tests.model_repository.tts_chatterbox.loading import hum
from tests.rpc import read_all
from tts.service import TtsService
from tts.settings import TtsSettings
from tts.synthesizer import TritonSynthesizer

ROOT = Path(__file__).parents[2]
MODEL = "tts_chatterbox_tiny"
TIMEOUT_SECONDS = 20.0


@pytest.fixture(scope="module")
def cloning_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves the small model, and what else needs no weights."""
    models = tmp_path_factory.mktemp("models")
    save_tiny_cloner(models / "chatterbox-tiny")
    options = TritonOptions(
        model_repository=ROOT / "model_repository", profile="cpu", models_folder=models, instances=1
    )
    server = start_triton(options, tmp_path_factory.mktemp("cloning_triton"))
    yield server
    server.stop()


@pytest.fixture
async def client(cloning_triton: Triton) -> AsyncIterator[TritonClient]:
    """A client that knows which models there are."""
    client = TritonClient(cloning_triton.grpc_address)
    await client.models("tts")
    yield client
    await client.close()


async def speak(client: TritonClient, text: str, language: str = "es", **inputs: Value) -> list[Any]:
    """The chunks of a text."""
    given: dict[str, Value] = {"TEXT": [text], "LANGUAGE": [language]}
    responses = client.infer_stream(MODEL, given | inputs, timeout_seconds=TIMEOUT_SECONDS)
    return [outputs["AUDIO"] async for outputs in responses]


def pitch(samples: Any) -> float:
    """How high it is, in Hz at 24,000 samples a second."""
    return float(np.count_nonzero(np.diff(np.signbit(samples))) / 2 / (samples.size / 24_000))


async def test_it_describes_itself(client: TritonClient) -> None:
    """It takes a reference, and has one voice for all of its languages."""
    (model,) = [model for model in await client.models("tts") if model.name == MODEL]
    assert (model.takes, model.voices) == (frozenset(["reference"]), ("speaker",))
    assert (model.languages, model.sample_rate_hertz) == (("en", "es", "fr", "ko"), 24_000)


@pytest.mark.parametrize("hertz", [110, 220])
async def test_it_speaks_in_the_voice_of_its_reference(client: TritonClient, hertz: float) -> None:
    """Sentence by sentence, all of it, with an empty last chunk."""
    chunks = await speak(client, "Hola. Uno dos tres.", VOICE=["speaker"], REFERENCE=hum(hertz))
    assert [chunk.size for chunk in chunks] == [6 * TOKEN_SAMPLES, 24_000 // 2, 14 * TOKEN_SAMPLES - 24_000 // 2, 0]
    assert pitch(np.concatenate(chunks)) == pytest.approx(hertz, rel=0.02)


@pytest.mark.parametrize(
    ("language", "inputs", "says"),
    [
        ("es", {}, "REFERENCE is missing"),
        ("es", {"REFERENCE": hum(110, 0.5)}, "1 to 30 s"),
        ("ja", {"REFERENCE": hum(110)}, "en es fr ko"),
    ],
)
async def test_what_it_cannot_say_is_refused(
    client: TritonClient, language: str, inputs: dict[str, Value], says: str
) -> None:
    """In words that tell what to send; the next one is served."""
    with pytest.raises(InvalidArgumentError, match=says):
        await speak(client, "hola", language, **inputs)
    assert len(await speak(client, "hola", REFERENCE=hum(110))) == 2


async def test_a_caller_that_leaves_frees_the_voice(client: TritonClient) -> None:
    """After the first chunk of a very long text is enough for a caller, the next one is served soon."""
    inputs: dict[str, Value] = {"TEXT": ["Uno dos tres. " * 20_000], "LANGUAGE": ["es"], "REFERENCE": hum(110)}
    responses = client.infer_stream(MODEL, inputs, timeout_seconds=TIMEOUT_SECONDS)
    await anext(responses)
    await responses.aclose()
    assert len(await speak(client, "hola", REFERENCE=hum(110))) == 2


@asynccontextmanager
async def tts_service(client: TritonClient) -> AsyncIterator["tts_pb2_grpc.TtsServiceAsyncStub"]:
    """tts in front of it."""
    settings = TtsSettings(listen="127.0.0.1:0", drain_seconds=0, flush_seconds=2)
    server = Server(settings, "livetranslate.v1.TtsService")
    synthesize = TritonSynthesizer(client, settings).synthesize
    service = TtsService(settings, ModelDirectory(client, "tts"), synthesize, server.drain, LoadMeter())
    tts_pb2_grpc.add_TtsServiceServicer_to_server(service, server.grpc)
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield tts_pb2_grpc.TtsServiceStub(channel)
    finally:
        await server.stop()


async def test_tts_speaks_a_session_in_the_speakers_voice(client: TritonClient) -> None:
    """All texts of a stream are said in the voice that it was opened with."""
    config = tts_pb2.SynthesisConfig(language_code="es", voice="speaker", reference_audio=hum(180).tobytes())
    texts = [tts_pb2.SynthesisInput(segment_id=str(number), text="hola") for number in range(2)]
    requests = [tts_pb2.StreamingSynthesizeRequest(config=config)]
    requests += [tts_pb2.StreamingSynthesizeRequest(input=text) for text in texts]
    async with tts_service(client) as stub:
        answers = [answer.audio for answer in await read_all(stub.StreamingSynthesize(iter(requests)))]
    assert {(answer.model, answer.sample_rate_hertz) for answer in answers} == {(MODEL, 24_000)}
    for number in range(2):
        spoken = b"".join(answer.audio for answer in answers if answer.segment_id == str(number))
        samples = np.frombuffer(spoken, "<i2")
        assert samples.size == 6 * TOKEN_SAMPLES
        assert pitch(samples) == pytest.approx(180, rel=0.03)
