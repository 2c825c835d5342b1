import numpy as np
import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.tensors import Array, Value
from livetranslate.triton import TritonClient

MODEL = "tts_espeak"
TIMEOUT_SECONDS = 20.0
SAMPLE_RATE_HERTZ = 22_050


async def speak(client: TritonClient, text: str, rate: float = 1.0, **texts: str) -> list[Array]:
    inputs: dict[str, Value] = {"TEXT": [text], "SPEAKING_RATE": np.array([rate], np.float32)}
    inputs |= {name.upper(): [value] for name, value in texts.items()}
    chunks = []
    async for outputs in client.infer_stream(MODEL, inputs, timeout_seconds=TIMEOUT_SECONDS):
        chunk = outputs["AUDIO"]
        assert isinstance(chunk, np.ndarray)
        chunks.append(chunk)
    return chunks


async def test_a_sentence_comes_in_chunks_with_an_empty_last(triton_client: TritonClient) -> None:
    """The samples of all chunks are the sentence."""
    chunks = await speak(triton_client, "Buenos días a todos", language="es")
    samples = np.concatenate(chunks)
    assert len(chunks) > 3
    assert chunks[-1].size == 0
    assert 0.8 < samples.size / SAMPLE_RATE_HERTZ < 2.5
    assert np.abs(samples).max() > 1000


async def test_voice_and_pace_can_be_chosen(triton_client: TritonClient) -> None:
    """Another voice sounds different; a faster pace takes less time."""
    spain = np.concatenate(await speak(triton_client, "Buenos días", language="es"))
    america = np.concatenate(await speak(triton_client, "Buenos días", language="es", voice="es-419"))
    fast = np.concatenate(await speak(triton_client, "Buenos días", 2.0, language="es"))
    assert not np.array_equal(spain, america)
    assert fast.size < 0.8 * spain.size


async def test_an_unknown_language_is_refused(triton_client: TritonClient) -> None:
    """The error names the language."""
    with pytest.raises(InvalidArgumentError, match="tlh"):
        await speak(triton_client, "nuqneH", language="tlh")


async def test_a_caller_that_leaves_frees_the_voice(triton_client: TritonClient) -> None:
    """After the first chunk of a very long text is enough for a caller, the next one is served soon."""
    inputs = {"TEXT": ["Tenemos tres opciones. " * 20_000], "LANGUAGE": ["es"]}
    responses = triton_client.infer_stream(MODEL, inputs, timeout_seconds=TIMEOUT_SECONDS)
    await anext(responses)
    await responses.aclose()
    assert len(await speak(triton_client, "hola", language="es")) > 1


async def test_the_model_describes_its_voices(triton_client: TritonClient) -> None:
    """Voices and languages are those of the library."""
    (model,) = await triton_client.models("tts")
    assert {"es", "fr", "en-US"} <= set(model.languages)
    assert len(model.voices) == len(model.languages)
    assert model.sample_rate_hertz == SAMPLE_RATE_HERTZ
