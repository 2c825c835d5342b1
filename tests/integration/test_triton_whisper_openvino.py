"""Whisper on OpenVINO behind the real Triton: tones as speech, so that all answers are known."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.triton_counts import counts_of
from bench.weights.whisper_ir import save_tone_whisper_ir
from bench.weights.whisper_tones import TONE_LANGUAGES, WORDS
from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.tensors import Value, read_text
from livetranslate.triton import FINAL_PRIORITY, Outputs, TritonClient
from tests.model_repository.asr_whisper_openvino.tones import tones

ROOT = Path(__file__).parents[2]
MODEL = "asr_whisper_tones_ov"
SECOND = SAMPLE_RATE_HERTZ


@pytest.fixture(scope="module")
def tone_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves a Whisper that hears tones."""
    work = tmp_path_factory.mktemp("whisper_openvino")
    save_tone_whisper_ir(work / "models" / "whisper-tones-ov")
    options = TritonOptions(
        model_repository=ROOT / "model_repository", profile="openvino", models_folder=work / "models", instances=1
    )
    server = start_triton(options, work)
    yield server
    server.stop()


@pytest.fixture
async def client(tone_triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(tone_triton.grpc_address)
    await client.models("asr")  # whose outputs are known from now on
    yield client
    await client.close()


async def infer(
    client: TritonClient, numbers: Sequence[int | None], language: str = "", prompt: str = "", phrases: str = ""
) -> Outputs:
    """What the model hears in tones."""
    samples = tones(numbers)
    inputs: dict[str, Value] = {
        "AUDIO": np.pad(samples, (0, -len(samples) % (5 * SECOND))),
        "LENGTH": np.array([len(samples)], np.int32),
        "LANGUAGE": [language],
        "PROMPT": [prompt],
        "PHRASES": [phrases],
    }
    return await client.infer(MODEL, inputs, timeout_seconds=60, priority=FINAL_PRIORITY)  # not given up when slow


def words(outputs: Outputs) -> list[str]:
    return [read_text(word) for word in outputs["WORDS"]]


def values(outputs: Outputs, name: str) -> list[float]:
    return [float(value) for value in outputs[name]]


async def test_it_says_what_it_is(client: TritonClient) -> None:
    """Services learn from Triton what the weights add to the engine."""
    (model,) = [model for model in await client.models("asr") if model.name == MODEL]
    assert model.languages == TONE_LANGUAGES
    assert model.window_seconds == (5, 10, 20, 30)
    assert model.takes == {"prompt", "phrases"}


async def test_words_have_their_times(client: TritonClient) -> None:
    """Each word is told with when it was said, to a few frames."""
    outputs = await infer(client, [1, 2, None, 3], "en")
    assert words(outputs) == ["one", "two", "three"]
    np.testing.assert_allclose(
        values(outputs, "WORD_START_SAMPLES"), [0, 0.5 * SECOND, 1.5 * SECOND], atol=0.06 * SECOND
    )
    np.testing.assert_allclose(values(outputs, "WORD_END_SAMPLES")[-1], 2 * SECOND, atol=0.06 * SECOND)
    assert min(values(outputs, "WORD_CONFIDENCE")) > 0.7
    assert values(outputs, "NO_SPEECH_PROBABILITY")[0] < 0.1
    assert values(outputs, "MEAN_LOG_PROBABILITY")[0] > -0.3
    assert values(outputs, "COMPRESSION_RATIO")[0] > 0


async def test_sessions_are_decoded_together_and_each_gets_its_own(client: TritonClient, tone_triton: Triton) -> None:
    """Windows of all languages, lengths and prompts in few batches answer what each answers alone."""
    asked: list[dict[str, Any]] = [
        {"numbers": [n, None, n * 3 % 10] * (1 + n % 4), "language": TONE_LANGUAGES[n % 5], "prompt": "zwei " * n}
        for n in range(8)  # of 1.5 to 6 s
    ]
    alone = [await infer(client, **question) for question in asked]
    before = counts_of(tone_triton, MODEL)
    together = await asyncio.gather(*(infer(client, **question) for question in asked * 3))
    assert counts_of(tone_triton, MODEL).since(before).batches <= len(together) / 4  # though their shapes differ
    for position, outputs in enumerate(together):
        expected = alone[position % len(asked)]
        for name in ("WORDS", "LANGUAGE", "WORD_START_SAMPLES", "WORD_END_SAMPLES", "COMPRESSION_RATIO"):
            np.testing.assert_array_equal(outputs[name], expected[name])
        for name in ("WORD_CONFIDENCE", "NO_SPEECH_PROBABILITY", "MEAN_LOG_PROBABILITY", "LANGUAGE_PROBABILITY"):
            np.testing.assert_allclose(values(outputs, name), values(expected, name), atol=1e-3)
    for question, outputs in zip(asked, alone, strict=True):
        spoken = WORDS[question["language"]]
        assert words(outputs) == [spoken[number] for number in question["numbers"] if number is not None]


async def test_a_language_that_nobody_names_is_found(client: TritonClient) -> None:
    """It is found beside windows whose language is known, and told with its probability."""
    found, known = await asyncio.gather(infer(client, [3, 4]), infer(client, [3, 4], "vi"))
    assert (found["LANGUAGE"], words(found)) == ([b"de"], ["drei", "vier"])
    assert values(found, "LANGUAGE_PROBABILITY")[0] > 0.9
    assert (known["LANGUAGE"], words(known)) == ([b"vi"], ["ba", "bốn"])


async def test_phrases_and_prompt_are_heeded(client: TritonClient) -> None:
    """A word that was said before, or that is likely to be said, is preferred to one that sounds the same."""
    assert words(await infer(client, [2, 8], "en")) == ["two", "eight"]
    assert words(await infer(client, [2, 8], "en", prompt="one too")) == ["too", "eight"]
    assert words(await infer(client, [2, 8], "en", phrases="ate\n\nfor")) == ["two", "ate"]


async def test_silence_is_no_speech(client: TritonClient) -> None:
    """A silent window has no words, and says so."""
    outputs = await infer(client, [None, None], "en")
    assert words(outputs) == []
    assert values(outputs, "NO_SPEECH_PROBABILITY")[0] > 0.9


async def test_what_cannot_be_heard_is_refused(client: TritonClient) -> None:
    """A window of more than 30 s is never cut silently, and an unknown language is said to be one."""
    with pytest.raises(InvalidArgumentError, match="hears at most 480,000"):
        await infer(client, [1] * 61, "en")
    with pytest.raises(InvalidArgumentError, match="'xx'; it must be empty or one of en es fr de vi"):
        await infer(client, [1], "xx")
