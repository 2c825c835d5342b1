"""tts in front of a real Triton and eSpeak NG."""

from collections.abc import AsyncIterator

import grpc
import numpy as np
import pytest

from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import LoadMeter
from livetranslate.server import Server
from livetranslate.stack.triton import Triton
from livetranslate.triton import TritonClient
from livetranslate.v1 import tts_pb2, tts_pb2_grpc
from tts.service import TtsService
from tts.settings import TtsSettings
from tts.synthesizer import TritonSynthesizer


@pytest.fixture
async def stub(triton: Triton, triton_client: TritonClient) -> "AsyncIterator[tts_pb2_grpc.TtsServiceAsyncStub]":
    settings = TtsSettings(listen="127.0.0.1:0", triton_url=triton.grpc_address, drain_seconds=0)
    server = Server(settings, "livetranslate.v1.TtsService")
    synthesize = TritonSynthesizer(triton_client, settings).synthesize
    service = TtsService(settings, ModelDirectory(triton_client, "tts"), synthesize, server.drain, LoadMeter())
    tts_pb2_grpc.add_TtsServiceServicer_to_server(service, server.grpc)
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield tts_pb2_grpc.TtsServiceStub(channel)
    finally:
        await server.stop()


async def test_texts_become_speech(stub: "tts_pb2_grpc.TtsServiceAsyncStub") -> None:
    """A sentence becomes audible speech of a fitting length; the same sentence spoken faster is shorter."""
    spoken = await _speak(stub, "es", [("1", "buenos días a todos", 1.0), ("2", "buenos días a todos", 1.5)])
    seconds = {segment_id: len(samples) / 22_050 for segment_id, samples in spoken.items()}
    assert 0.8 < seconds["1"] < 2.5
    assert seconds["2"] < 0.85 * seconds["1"]
    assert np.abs(spoken["1"]).max() > 1_000


@pytest.mark.parametrize(("language", "voice"), [("zh", "cmn"), ("en-GB", "en"), ("es", "es-419")])
async def test_a_voice_can_be_chosen(stub: "tts_pb2_grpc.TtsServiceAsyncStub", language: str, voice: str) -> None:
    """Each voice that is listed for a language can be asked for by name."""
    listed = (await stub.ListVoices(tts_pb2.ListVoicesRequest(language_code=language))).voices
    assert voice in [known.name for known in listed]
    spoken = await _speak(stub, language, [("1", "hola", 1.0)], voice)
    assert len(spoken["1"]) > 0


async def test_all_voices_are_listed(stub: "tts_pb2_grpc.TtsServiceAsyncStub") -> None:
    """The voices of the engine are listed with its licence and rate."""
    voices = (await stub.ListVoices(tts_pb2.ListVoicesRequest())).voices
    assert len(voices) > 100
    assert {(voice.model, voice.sample_rate_hertz, voice.license) for voice in voices} == {
        ("tts_espeak", 22_050, "GPL-3.0-or-later")
    }


async def _speak(
    stub: "tts_pb2_grpc.TtsServiceAsyncStub", language: str, texts: list[tuple[str, str, float]], voice: str = ""
) -> "dict[str, np.ndarray[tuple[int], np.dtype[np.int16]]]":
    """The samples of each text; each must be closed once."""
    request = tts_pb2.StreamingSynthesizeRequest
    requests = [request(config=tts_pb2.SynthesisConfig(language_code=language, voice=voice))]
    for segment_id, text, rate in texts:
        message = tts_pb2.SynthesisInput(segment_id=segment_id, text=text, speaking_rate=rate)
        requests.append(request(input=message))
    chunks = [answer.audio async for answer in stub.StreamingSynthesize(iter(requests))]
    assert [chunk.segment_id for chunk in chunks if chunk.is_last] == [segment_id for segment_id, _, _ in texts]
    return {
        segment_id: np.frombuffer(b"".join(chunk.audio for chunk in chunks if chunk.segment_id == segment_id), np.int16)
        for segment_id, _, _ in texts
    }
