import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from bench.weights.voice import SAMPLE_RATE_HERTZ, save_tiny_voice, tiny_hertz
from livetranslate.errors import InvalidArgumentError
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.tensors import Array, Value
from livetranslate.triton import TritonClient

ROOT = Path(__file__).parents[2]
SPANISH, ENGLISH = "tts_tiny_es", "tts_tiny_en"
TIMEOUT_SECONDS = 20.0


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton with two of Piper's voices: a Spanish one, and an English one with two speakers."""
    models = tmp_path_factory.mktemp("models")
    save_tiny_voice(models / "tiny-es", "es")
    save_tiny_voice(models / "tiny-en", "en-us", ("ann", "bob"))
    options = TritonOptions(model_repository=ROOT / "model_repository", profile="cpu", models_folder=models)
    server = start_triton(options, tmp_path_factory.mktemp("triton"))
    yield server
    helpers = espeak_processes(server.pid)
    server.stop()
    assert helpers
    assert not any(helper.is_running() for helper in helpers)


@pytest.fixture
async def client(triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(triton.grpc_address)
    yield client
    await client.close()


async def speak(client: TritonClient, model: str, text: str, *, rate: float = 1.0, **texts: str) -> list[Array]:
    inputs: dict[str, Value] = {"TEXT": [text], "SPEAKING_RATE": np.array([rate], np.float32)}
    inputs |= {name.upper(): [value] for name, value in texts.items()}
    chunks = []
    async for outputs in client.infer_stream(model, inputs, timeout_seconds=TIMEOUT_SECONDS):
        chunk = outputs["AUDIO"]
        assert isinstance(chunk, np.ndarray)
        chunks.append(chunk)
    return chunks


def hertz(samples: Array) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return float(spectrum.argmax() * SAMPLE_RATE_HERTZ / samples.size)


async def test_each_sentence_is_an_answer_and_a_pause_lies_between(client: TritonClient) -> None:
    """Two sentences are two answers of about their length, a fifth of a second apart, and an empty last answer."""
    first, pause, second, last = await speak(client, SPANISH, "No. Sí.", language="es")
    assert not pause.any()
    assert pause.size == round(0.2 * SAMPLE_RATE_HERTZ)
    assert last.size == 0
    assert 0.1 < first.size / SAMPLE_RATE_HERTZ < 0.4
    assert 0.1 < second.size / SAMPLE_RATE_HERTZ < 0.4


async def test_speech_is_that_of_the_phonemes(client: TritonClient) -> None:
    """The longest sound in a drawn out vowel is that vowel's tone."""
    chunks = await speak(client, SPANISH, "aaaa", language="es")
    assert hertz(np.concatenate(chunks)) == pytest.approx(tiny_hertz("a"), abs=25)


async def test_a_faster_pace_is_shorter_speech(client: TritonClient) -> None:
    """At twice the pace it takes half the time."""
    slow, fast = [await speak(client, SPANISH, "Buenos días", rate=rate, language="es") for rate in (1.0, 2.0)]
    assert np.concatenate(fast).size == pytest.approx(np.concatenate(slow).size / 2, rel=0.05)


async def test_a_voice_is_one_of_the_speakers(client: TritonClient) -> None:
    """The second speaker says the same an octave higher; without a name the first one speaks."""
    voices = ("ann", "bob", "")
    ann, bob, nobody = [
        np.concatenate(await speak(client, ENGLISH, "no", language="en", voice=voice)) for voice in voices
    ]
    assert np.array_equal(ann, nobody)
    assert hertz(bob) == pytest.approx(2 * hertz(ann), rel=0.1)


async def test_a_text_without_sound_is_an_empty_answer(client: TritonClient) -> None:
    """Marks alone are not spoken."""
    (last,) = await speak(client, SPANISH, "...", language="es")
    assert last.size == 0


@pytest.mark.parametrize(("language", "voice", "named"), [("tlh", "", "tlh"), ("es", "ann", "ann")])
async def test_what_is_not_there_is_refused(client: TritonClient, language: str, voice: str, named: str) -> None:
    """The error names the language or the voice."""
    with pytest.raises(InvalidArgumentError, match=named):
        await speak(client, SPANISH, "hola", language=language, voice=voice)


async def test_many_texts_are_spoken_at_once_and_none_is_mixed_up(client: TritonClient) -> None:
    """Each caller gets what it gets alone."""
    texts = [f"Tenemos {word} opciones. Y nada más." for word in ("dos", "tres", "cuatro", "cinco")] * 4
    alone = {text: np.concatenate(await speak(client, SPANISH, text, language="es")) for text in set(texts)}
    together = await asyncio.gather(*(speak(client, SPANISH, text, language="es") for text in texts))
    for text, chunks in zip(texts, together, strict=True):
        assert np.array_equal(np.concatenate(chunks), alone[text])


async def test_a_caller_that_leaves_frees_the_voice(client: TritonClient) -> None:
    """After the first chunk of very long texts is enough for as many callers as there are cores, the next is served."""
    inputs: dict[str, Value] = {"TEXT": ["Tenemos tres opciones. " * 20_000], "LANGUAGE": ["es"]}
    for _ in range(len(os.sched_getaffinity(0)) + 1):
        responses = client.infer_stream(SPANISH, inputs, timeout_seconds=TIMEOUT_SECONDS)
        await anext(responses)
        await responses.aclose()
    assert len(await speak(client, SPANISH, "hola", language="es")) > 1


async def test_the_models_describe_their_voices(client: TritonClient) -> None:
    """Languages, voices and rate are those that the weights state."""
    models = {model.name: model for model in await client.models("tts")}
    english, spanish = models[ENGLISH], models[SPANISH]
    assert (english.voices, english.languages) == (("ann", "bob"), ("en-US", "en-US"))
    assert (spanish.voices, spanish.languages) == (("tiny-es",), ("es",))
    assert spanish.sample_rate_hertz == SAMPLE_RATE_HERTZ


async def test_the_death_of_its_helper_goes_unnoticed(client: TritonClient, triton: Triton) -> None:
    """When eSpeak NG's processes are killed, the next text starts another; no dead one is left behind."""
    helpers = espeak_processes(triton.pid)
    assert helpers
    for helper in helpers:
        helper.send_signal(signal.SIGKILL)
    assert len(await speak(client, SPANISH, "hola", language="es")) > 1
    assert len(await speak(client, ENGLISH, "hello", language="en")) > 1
    assert not any(helper.is_running() for helper in helpers)


def espeak_processes(triton_pid: int) -> list[psutil.Process]:
    """The processes of eSpeak NG among Triton's."""
    children = psutil.Process(triton_pid).children(recursive=True)
    return [child for child in children if any("espeak_process" in part for part in child.cmdline())]
