import asyncio

import numpy as np

from livetranslate.triton import SequenceStep, TritonClient

TIMEOUT_SECONDS = 20.0


async def test_a_word_is_heard_each_half_second(null_triton_client: TritonClient) -> None:
    """Chunks of any length, in many sequences at once, are counted apart."""

    async def hear(sequence_id: int) -> list[bytes]:
        for index, size in enumerate((1_000, 16_000 + sequence_id, 0)):
            outputs = await null_triton_client.infer(
                "asr_null",
                {"AUDIO": np.zeros(size, np.int16)},
                timeout_seconds=TIMEOUT_SECONDS,
                sequence=SequenceStep(sequence_id, is_start=index == 0, is_end=index == 2),
            )
        assert outputs["STATE"] == [b"null"]
        return list(outputs["WORDS"])

    heard = await asyncio.gather(*(hear(sequence_id) for sequence_id in range(1, 51)))
    assert heard == [[b"word", b"word"]] * 50


async def test_a_text_comes_back_as_it_is(null_triton_client: TritonClient) -> None:
    """The translation of a text is the text."""
    inputs = {"TEXT": ["¿qué?"], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
    outputs = await null_triton_client.infer("mt_null", inputs, timeout_seconds=TIMEOUT_SECONDS)
    assert outputs["TRANSLATION"] == ["¿qué?".encode()]


async def test_a_text_is_spoken_as_a_tenth_of_a_second(null_triton_client: TritonClient) -> None:
    """One chunk, which is the last."""
    inputs = {"TEXT": ["hola"], "LANGUAGE": ["es"]}
    stream = null_triton_client.infer_stream("tts_null", inputs, timeout_seconds=TIMEOUT_SECONDS)
    chunks = [outputs["AUDIO"] async for outputs in stream]
    assert [len(chunk) for chunk in chunks] == [2_205]
