"""Speech synthesis on Triton."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from livetranslate import names, telemetry
from livetranslate.errors import DeadlineExceededError, InvalidArgumentError, ResourceExhaustedError
from livetranslate.triton import TritonClient
from tests.fake_triton import FULL, REFUSED, FakeTriton, input_of, served, text_of
from tts.settings import TtsSettings
from tts.synthesizer import TritonSynthesizer
from tts.utterance import Utterance, Voice

VOICE = Voice("ana", "es", "tts_test", 22_050)
UTTERANCE = Utterance("1", "buenos días", speaking_rate=1.5)


@pytest.fixture
def triton() -> FakeTriton:
    return FakeTriton({})


@pytest.fixture
async def client(triton: FakeTriton) -> AsyncIterator[TritonClient]:
    async with served(triton) as address:
        client = TritonClient(address)
        yield client
        await client.close()


async def test_speech_comes_in_pieces(triton: FakeTriton, client: TritonClient) -> None:
    """Each of the model's chunks is a piece, and the time in the model grows."""
    triton.speech = [np.array([1, -2], np.int16), np.array([3], np.int16)]
    sounds = [sound async for sound in TritonSynthesizer(client, TtsSettings()).synthesize(UTTERANCE, VOICE)]
    assert [sound.samples for sound in sounds] == [b"\x01\x00\xfe\xff", b"\x03\x00"]
    assert 0 < sounds[0].model_seconds <= sounds[1].model_seconds


async def test_the_model_is_asked_for_the_voice(triton: FakeTriton, client: TritonClient) -> None:
    """Text, language, voice and rate reach the model; without a voice's name it chooses."""
    synthesizer = TritonSynthesizer(client, TtsSettings())
    for voice in (VOICE, Voice("", "es", "tts_test", 22_050)):
        async for _ in synthesizer.synthesize(UTTERANCE, voice):
            pass
    (named, _), (unnamed, _) = triton.requests
    assert [text_of(named, name) for name in ("TEXT", "LANGUAGE", "VOICE")] == ["buenos días", "es", "ana"]
    assert np.frombuffer(input_of(named, "SPEAKING_RATE"), np.float32) == [1.5]
    assert "VOICE" not in [tensor.name for tensor in unnamed.inputs]


async def test_whom_to_imitate_goes_with_each_text(triton: FakeTriton, client: TritonClient) -> None:
    """The model keeps nothing from one text to the next; other voices have no such input."""
    imitator = replace(VOICE, name="speaker", is_imitation=True, reference=b"\1\0\2\0")
    for voice in (imitator, VOICE):
        _ = [sound async for sound in TritonSynthesizer(client, TtsSettings()).synthesize(UTTERANCE, voice)]
    (imitating, _), (plain, _) = triton.requests
    assert input_of(imitating, "REFERENCE") == b"\1\0\2\0"
    assert "REFERENCE" not in [tensor.name for tensor in plain.inputs]


async def test_a_refused_text_is_an_error(triton: FakeTriton, client: TritonClient) -> None:
    """What the model refuses is raised."""
    triton.failures.append(REFUSED)
    with pytest.raises(InvalidArgumentError):
        await anext(TritonSynthesizer(client, TtsSettings()).synthesize(UTTERANCE, VOICE))
    assert len(triton.requests) == 1


async def test_speech_that_breaks_off_goes_on_where_it_was(triton: FakeTriton, client: TritonClient) -> None:
    """A text whose synthesis is cut off is synthesized again, as often as needed, and no sample is heard twice."""
    triton.speech = [np.array([1, 2], np.int16), np.array([3], np.int16)]
    triton.cut_count = 3
    sounds = []
    async for sound in TritonSynthesizer(client, TtsSettings()).synthesize(UTTERANCE, VOICE):
        sounds.append(sound.samples)
        triton.speech = [np.array([1], np.int16), np.array([2, 3], np.int16)]  # other pieces of the same speech
    assert sounds == [b"\x01\x00\x02\x00", b"\x03\x00"]
    assert len(triton.requests) == 4


async def test_patience_ends(triton: FakeTriton, client: TritonClient) -> None:
    """A text that cannot be spoken for long enough has failed."""
    triton.failures.extend([FULL] * 100)
    with pytest.raises(ResourceExhaustedError):
        await anext(TritonSynthesizer(client, TtsSettings(patience_seconds=0.1)).synthesize(UTTERANCE, VOICE))
    assert len(triton.requests) > 1


async def test_a_stuck_model_is_left(triton: FakeTriton, client: TritonClient) -> None:
    """A model that falls silent is given up in time and told so, once patience is over too."""
    triton.is_stuck = True
    settings = TtsSettings(silent_seconds=0.2, patience_seconds=0.3)
    sounds = TritonSynthesizer(client, settings).synthesize(UTTERANCE, VOICE)
    await anext(sounds)
    with pytest.raises(DeadlineExceededError):
        await anext(sounds)
    async with asyncio.timeout(60):
        await triton.cancelled.wait()


async def test_a_listener_who_leaves_frees_the_model(triton: FakeTriton, client: TritonClient) -> None:
    """Closing the generator cancels the synthesis in Triton."""
    triton.is_stuck = True
    async with aclosing(TritonSynthesizer(client, TtsSettings()).synthesize(UTTERANCE, VOICE)) as sounds:
        await anext(sounds)
    async with asyncio.timeout(60):
        await triton.cancelled.wait()


async def test_a_text_is_traced(triton: FakeTriton, client: TritonClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text's span continues its segment's trace, Triton's span lies inside, and neither carries text."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    utterance = Utterance("1", "buenos días", traceparent=f"00-{'1' * 32}-{'2' * 16}-01")
    sounds = [sound async for sound in TritonSynthesizer(client, TtsSettings()).synthesize(utterance, VOICE, 1.5)]
    inner, outer = exporter.get_finished_spans()
    assert (inner.name, outer.name) == (names.TTS_TRITON_SPAN, names.TTS_SPAN)
    assert outer.parent is not None
    assert outer.parent.span_id == int("2" * 16, 16)
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert f"{outer.context.span_id:016x}" in sounds[0].traceparent
    assert f"{inner.context.span_id:016x}" in triton.requests[0][1]
    assert "buenos" not in outer.to_json() + inner.to_json()
