from collections.abc import AsyncIterator

import numpy as np
import pytest

from asr.recognizer import SequenceRecognizer, SequenceSlots, recognizing
from asr.session import DecodeStep
from livetranslate.errors import InvalidArgumentError, ResourceExhaustedError
from livetranslate.models import Model
from livetranslate.stack.triton import Triton
from livetranslate.triton import TritonClient

MODEL = Model("asr_null", "asr", sequence_slots=1)
SECOND = 16_000


@pytest.fixture
async def client(triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(triton.grpc_address)
    yield client
    await client.close()


def step(start: int, *, is_start: bool = False, is_end: bool = False) -> DecodeStep:
    """A second of a segment that starts at the session's second second."""
    return DecodeStep(SECOND, start, np.zeros(SECOND, np.int16), is_start, is_end, b"")


async def test_decodes_a_segment_step_by_step(client: TritonClient) -> None:
    """Each step continues the one before; words count from the session's first sample, and the end brings a state."""
    recognizer = SequenceRecognizer(client, MODEL, SequenceSlots(MODEL, 1), 5)
    first = await recognizer.recognize(step(SECOND, is_start=True), "")
    last = await recognizer.recognize(step(2 * SECOND, is_end=True), "")
    assert [(word.text, word.start_sample, word.end_sample) for word in first.words] == [
        ("word", SECOND, SECOND + 8_000),
        ("word", SECOND + 8_000, 2 * SECOND),
    ]
    assert len(last.words) == 4
    assert (first.decoder_state, last.decoder_state) == (b"", b"null")
    assert 0 < last.model_seconds < 5


async def test_the_end_frees_the_slot(client: TritonClient) -> None:
    """One slot serves one segment after the other."""
    recognizer = SequenceRecognizer(client, MODEL, SequenceSlots(MODEL, 1), 5)
    for _ in range(3):
        await recognizer.recognize(step(SECOND, is_start=True), "")
        await recognizer.recognize(step(2 * SECOND, is_end=True), "")


async def test_leaving_frees_the_slot(client: TritonClient) -> None:
    """Leaving in the middle of a segment frees its slot at once, more often than there are slots."""
    slots = SequenceSlots(MODEL, 1)
    for _ in range(3):
        async with recognizing(SequenceRecognizer(client, MODEL, slots, 5)) as recognize:
            await recognize(step(SECOND, is_start=True), "")


async def test_refuses_when_all_slots_are_taken(client: TritonClient) -> None:
    """Who waits too long for a decoder is told that all are busy."""
    slots = SequenceSlots(MODEL, 0.01)
    async with recognizing(SequenceRecognizer(client, MODEL, slots, 5)) as recognize:
        await recognize(step(SECOND, is_start=True), "")
        with pytest.raises(ResourceExhaustedError) as refusal:
            await SequenceRecognizer(client, MODEL, slots, 5).recognize(step(SECOND, is_start=True), "")
    assert refusal.value.reason == "NO_DECODER"


async def test_a_failed_step_frees_the_slot(client: TritonClient) -> None:
    """A step that the model refuses ends its sequence."""
    slots = SequenceSlots(MODEL, 1)
    recognizer = SequenceRecognizer(client, MODEL, slots, 5)
    await recognizer.recognize(step(SECOND, is_start=True), "")
    recognizer._sequence_id = 12345  # one that Triton has never heard of
    with pytest.raises(InvalidArgumentError):
        await recognizer.recognize(step(2 * SECOND), "")
    await recognizer.recognize(step(3 * SECOND, is_start=True), "")
    await recognizer.abandon()


async def test_a_segment_begins_with_its_start(client: TritonClient) -> None:
    """To go on with a segment that never began is our own mistake."""
    with pytest.raises(RuntimeError):
        await SequenceRecognizer(client, MODEL, SequenceSlots(MODEL, 1), 5).recognize(step(SECOND), "")
