import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asr.memory import MAX_DECODER_STATE_BYTES
from asr.sequence_recognizer import SequenceRecognizer, recognizing
from asr.session import DecodeStep
from asr.slots import SequenceSlots
from livetranslate.errors import InternalError, InvalidArgumentError, ResourceExhaustedError, UnavailableError
from livetranslate.models import Model
from livetranslate.stack.triton import Triton
from livetranslate.tensors import Value
from livetranslate.triton import Outputs, TritonClient
from tests.asr.unlucky import Unlucky

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


def recognizer_of(client: TritonClient, slots: SequenceSlots, patience_seconds: float = 10) -> SequenceRecognizer:
    return SequenceRecognizer(client, MODEL, slots, timeout_seconds=5, patience_seconds=patience_seconds)


async def test_decodes_a_segment_step_by_step(client: TritonClient) -> None:
    """Each step continues the one before; words count from the session's first sample, and the end brings a state."""
    recognizer = recognizer_of(client, SequenceSlots(MODEL, 1))
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
    recognizer = recognizer_of(client, SequenceSlots(MODEL, 1))
    for _ in range(3):
        await recognizer.recognize(step(SECOND, is_start=True), "")
        await recognizer.recognize(step(2 * SECOND, is_end=True), "")


async def test_leaving_frees_the_slot(client: TritonClient) -> None:
    """Leaving in the middle of a segment frees its slot at once, more often than there are slots."""
    slots = SequenceSlots(MODEL, 1)
    for _ in range(3):
        async with recognizing(recognizer_of(client, slots)) as recognize:
            await recognize(step(SECOND, is_start=True), "")


async def test_refuses_when_all_slots_are_taken(client: TritonClient) -> None:
    """Who waits too long for a decoder is told that all are busy."""
    slots = SequenceSlots(MODEL, 0.01)
    async with recognizing(recognizer_of(client, slots)) as recognize:
        await recognize(step(SECOND, is_start=True), "")
        with pytest.raises(ResourceExhaustedError) as refusal:
            await recognizer_of(client, slots).recognize(step(SECOND, is_start=True), "")
    assert refusal.value.reason == "NO_DECODER"


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """An event loop for tests of many examples."""
    with asyncio.Runner() as runner:
        yield runner


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["", "before", "after", "lost"]), max_size=12), st.integers(1, 4))
def test_lost_sequences_are_invisible(triton: Triton, loop: asyncio.Runner, faults: list[str], step_count: int) -> None:
    """Whatever happens to single requests, each step has all words, and in the end the decoder is free."""

    async def decode() -> tuple[list[int], bool]:
        client = Unlucky(triton.grpc_address)
        slots = SequenceSlots(MODEL, 1)
        recognizer = recognizer_of(client, slots)
        await recognizer.recognize(step(SECOND, is_start=True), "")
        client.faults = faults
        counts = []
        for number in range(1, step_count + 1):
            hypothesis = await recognizer.recognize(step((1 + number) * SECOND, is_end=number == step_count), "")
            counts.append(len(hypothesis.words))
        await client.close()
        return counts, slots._free.locked()

    assert loop.run(decode()) == ([2 * number for number in range(2, step_count + 2)], False)


async def test_patience_ends(client: TritonClient) -> None:
    """What does not heal in time is raised, and the decoder is free for the next segment."""
    unlucky = Unlucky(client.address)
    slots = SequenceSlots(MODEL, 1)
    recognizer = recognizer_of(unlucky, slots, patience_seconds=0.05)
    await recognizer.recognize(step(SECOND, is_start=True), "")
    unlucky.faults = ["before"] * 100
    with pytest.raises(UnavailableError):
        await recognizer.recognize(step(2 * SECOND), "")
    unlucky.faults.clear()
    await recognizer.recognize(step(3 * SECOND, is_start=True), "")
    await recognizer.abandon()
    await unlucky.close()


async def test_what_cannot_heal_fails_at_once(client: TritonClient) -> None:
    """A step that the model refuses is not tried again, and frees the decoder."""
    slots = SequenceSlots(MODEL, 1)
    recognizer = recognizer_of(client, slots, patience_seconds=1000)
    floats: Any = np.zeros(SECOND, np.float32)
    with pytest.raises(InvalidArgumentError):
        await recognizer.recognize(dataclasses.replace(step(SECOND, is_start=True), samples=floats), "")
    await recognizer.recognize(step(3 * SECOND, is_start=True), "")
    await recognizer.abandon()


class Wordy(TritonClient):
    """A client of a model that wants more kept than there is room for."""

    async def infer(self, model: str, inputs: Mapping[str, Value], **options: Any) -> Outputs:
        return {**await super().infer(model, inputs, **options), "STATE": [bytes(MAX_DECODER_STATE_BYTES + 1)]}


async def test_a_state_over_its_bound_is_refused(triton: Triton) -> None:
    """A model whose state would not fit into a position fails its segment at once, and its decoder is free."""
    client = Wordy(triton.grpc_address)
    slots = SequenceSlots(MODEL, 1)
    with pytest.raises(InternalError) as refusal:
        await recognizer_of(client, slots, patience_seconds=1000).recognize(step(SECOND, is_start=True), "")
    assert refusal.value.reason == "STATE_TOO_LARGE"
    assert not slots._free.locked()
    await client.close()


async def test_a_segment_begins_with_its_start(client: TritonClient) -> None:
    """To go on with a segment that never began is our own mistake."""
    with pytest.raises(RuntimeError):
        await recognizer_of(client, SequenceSlots(MODEL, 1)).recognize(step(SECOND), "")


class Noting(TritonClient):
    """A client that keeps what it was asked."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.inputs: list[set[str]] = []

    async def infer(self, model: str, inputs: Mapping[str, Value], **options: Any) -> Outputs:
        self.inputs.append(set(inputs))
        known = {name: value for name, value in inputs.items() if name != "PHRASES"}
        return await super().infer(model, known, **options)


async def test_phrases_go_with_the_start(triton: Triton) -> None:
    """A model that takes phrases is told them once, another one never."""
    client = Noting(triton.grpc_address)
    for takes in (frozenset({"phrases"}), frozenset[str]()):
        model = dataclasses.replace(MODEL, takes=takes)
        slots = SequenceSlots(model, 1)
        recognizer = SequenceRecognizer(
            client, model, slots, timeout_seconds=5, patience_seconds=10, phrases=["Ada Lovelace"]
        )
        await recognizer.recognize(step(SECOND, is_start=True), "")
        await recognizer.recognize(step(2 * SECOND, is_end=True), "")
    assert ["PHRASES" in names for names in client.inputs] == [True, False, False, False]
    await client.close()
