from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.triton import SequenceStep, TritonClient
from tests.model_repository.flite import say

MODEL = "asr_pocketsphinx"
TIMEOUT_SECONDS = 20.0
CHUNK_SAMPLES = 3_200
SILENCE = np.zeros(CHUNK_SAMPLES, np.int16)
NOTHING = np.zeros(0, np.int16)


async def step(client: TritonClient, audio: Any, sequence: SequenceStep, state: bytes | None = None) -> Any:
    inputs = {"AUDIO": audio} if state is None else {"AUDIO": audio, "STATE": [state]}
    return await client.infer(MODEL, inputs, timeout_seconds=TIMEOUT_SECONDS, sequence=sequence)


async def end(client: TritonClient, sequence_id: int) -> Any:
    return await step(client, NOTHING, SequenceStep(sequence_id, is_start=False, is_end=True))


async def test_an_utterance_is_recognized_as_it_is_spoken(triton_client: TritonClient, tmp_path: Path) -> None:
    """Words come before the end; at the end they have confidences, and the state follows."""
    audio = np.frombuffer(say("Good morning everyone", tmp_path), np.int16)
    partials = []
    for start in range(0, audio.size, CHUNK_SAMPLES):
        sequence = SequenceStep(101, is_start=start == 0, is_end=False)
        partial = await step(triton_client, audio[start : start + CHUNK_SAMPLES], sequence, b"" if start == 0 else None)
        assert partial["STATE"] == [b""]
        partials.append(partial["WORDS"])
    final = await end(triton_client, 101)
    assert b"good" in partials[-2]
    assert final["WORDS"] == [b"good", b"morning", b"everyone"]
    assert (final["WORD_CONFIDENCE"] > 0).all()
    assert (final["WORD_START_SAMPLES"] < final["WORD_END_SAMPLES"]).all()
    assert final["WORD_END_SAMPLES"][-1] <= audio.size
    again = await step(triton_client, NOTHING, SequenceStep(101, is_start=True, is_end=True), final["STATE"][0])
    assert again["WORDS"] == []
    assert again["STATE"][0]


async def test_a_sequence_begins_with_start(triton_client: TritonClient) -> None:
    """Audio of an unknown sequence is refused."""
    with pytest.raises(InvalidArgumentError, match="START"):
        await step(triton_client, SILENCE, SequenceStep(102, is_start=False, is_end=False))


async def test_a_state_of_another_model_is_refused(triton_client: TritonClient) -> None:
    """The sequence can begin again with a good one."""
    with pytest.raises(InvalidArgumentError, match="STATE"):
        await step(triton_client, SILENCE, SequenceStep(103, is_start=True, is_end=False), b"abc")
    await step(triton_client, SILENCE, SequenceStep(103, is_start=True, is_end=False), b"")
    assert (await end(triton_client, 103))["STATE"][0]


async def test_decoders_are_free_again_after_the_end(triton_client: TritonClient) -> None:
    """More utterances than there are decoders, one after the other and four at a time, are all heard."""
    for sequence_id in range(200, 212):
        await step(triton_client, SILENCE, SequenceStep(sequence_id, is_start=True, is_end=False), b"")
        if sequence_id >= 203:
            await end(triton_client, sequence_id - 3)
    for sequence_id in range(209, 212):
        await end(triton_client, sequence_id)


async def test_the_model_describes_itself(triton_client: TritonClient) -> None:
    """A service learns all it needs: language, rate, style, and how many can speak at once."""
    (model,) = await triton_client.models("asr")
    assert (model.name, model.languages, model.decoding, model.sample_rate_hertz) == (
        MODEL,
        ("en",),
        "sequence",
        16_000,
    )
    assert model.sequence_slots == 4
