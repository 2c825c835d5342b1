import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from tritonclient.grpc import model_config_pb2

from livetranslate.breakers import Breakers, BreakerState
from livetranslate.engine.batch import AWAY
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    LiveTranslateError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.settings import KeeperOptions
from livetranslate.stack.triton import Triton
from livetranslate.tensors import Value
from livetranslate.triton import TRITON, SequenceStep, TritonClient, describe_model, places_of
from tests.fake_keeper import FakeKeeper, kept
from tests.fake_triton import FULL, REFUSED, FakeTriton, served
from tests.null_triton import null_triton

SECOND = np.zeros(16_000, np.int16)
TEXT: dict[str, Value] = {"TEXT": ["good"], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
SPEECH: dict[str, Value] = {"TEXT": ["hola"], "LANGUAGE": ["es"]}


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    with null_triton(tmp_path_factory.mktemp("triton")) as running:
        yield running


@pytest.fixture
async def client(triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(triton.grpc_address)
    await client.wait_until_ready(5)
    yield client
    await client.close()


async def test_models_describe_themselves(client: TritonClient) -> None:
    """The models of a task come with what their configuration says."""
    (model,) = await client.models("asr")
    assert (model.name, model.languages, model.decoding, model.license) == (
        "asr_null",
        ("en",),
        "sequence",
        "Apache-2.0",
    )
    assert (model.sequence_slots, model.max_batch_size) == (4096, 64)
    assert await client.models("juggling") == []


async def test_infers_step_by_step(client: TritonClient) -> None:
    """The steps of a sequence reach the same state, and outputs come by name."""
    for number in range(3):
        step = SequenceStep(7, is_start=number == 0, is_end=number == 2)
        outputs = await client.infer("asr_null", {"AUDIO": SECOND}, timeout_seconds=5, sequence=step)
    assert outputs["WORDS"] == [b"word"] * 6
    assert outputs["STATE"] == [b"null"]
    assert list(outputs["WORD_START_SAMPLES"]) == [index * 8_000 for index in range(6)]


async def test_streams_until_the_final_response(client: TritonClient) -> None:
    """A decoupled model's responses come one by one, the final one last."""
    outputs = [output async for output in client.infer_stream("tts_null", SPEECH, timeout_seconds=5)]
    assert [bool(output["FINAL"][0]) for output in outputs] == [True]
    assert len(outputs[0]["AUDIO"]) == 2_205


async def test_a_sequence_without_its_start_is_refused(client: TritonClient) -> None:
    """To go on with a sequence that Triton does not know is an error of its own."""
    with pytest.raises(InvalidArgumentError, match="START"):
        await client.infer(
            "asr_null", {"AUDIO": SECOND}, timeout_seconds=5, sequence=SequenceStep(99, is_start=False, is_end=True)
        )


async def test_an_unknown_model_fails(client: TritonClient) -> None:
    """A model that is not there is our own mistake, in a stream too."""
    with pytest.raises((InternalError, UnavailableError)):
        await client.infer("nobody", {"AUDIO": SECOND}, timeout_seconds=5)
    with pytest.raises((InternalError, InvalidArgumentError)):
        _ = [output async for output in client.infer_stream("nobody", {"AUDIO": SECOND}, timeout_seconds=5)]


async def test_says_where_triton_was_looked_for() -> None:
    """Where Triton is not, the error says the address and what to do."""
    client = TritonClient("127.0.0.1:9")
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9.*LIVETRANSLATE_TRITON_URL"):
        await client.wait_until_ready(0.1)
    with pytest.raises(UnavailableError):
        await client.infer("asr_null", {"AUDIO": SECOND}, timeout_seconds=1)
    await client.close()


async def test_a_request_that_nobody_waits_for_is_left_to_finish(client: TritonClient, triton: Triton) -> None:
    """Triton 2.51 crashes when unary requests are cancelled: thousands of given up ones leave it as it was."""
    for round_number in range(100):
        requests = [asyncio.create_task(client.infer("mt_null", TEXT, timeout_seconds=5)) for _ in range(50)]
        for _ in range(round_number % 10):
            await asyncio.sleep(0)  # give up at various moments
        for request in requests:
            request.cancel()
        await asyncio.wait(requests)
    with pytest.raises(DeadlineExceededError):
        await client.infer("mt_null", TEXT, timeout_seconds=0)
    outputs = await client.infer("mt_null", TEXT, timeout_seconds=30)
    assert list(outputs["TRANSLATION"]) == [b"good"]
    assert triton.poll() is None


async def test_a_triton_that_dies_is_left_alone_until_it_is_back(tmp_path: Path) -> None:
    """Calls fail, soon without asking it; it is used again within 2 s of being ready."""
    breakers = Breakers(TRITON)
    with null_triton(tmp_path) as first:
        client = TritonClient(first.grpc_address, breakers)
        assert list((await client.infer("mt_null", TEXT, timeout_seconds=5))["TRANSLATION"]) == [b"good"]
        os.kill(first.pid, signal.SIGKILL)
        for _ in range(5):
            with pytest.raises(UnavailableError):
                await client.infer("mt_null", TEXT, timeout_seconds=5)
        assert breakers.state(TRITON) is BreakerState.OPEN
        with pytest.raises(UnavailableError, match="failed several times"):
            await anext(client.infer_stream("tts_null", SPEECH, timeout_seconds=5))
    with null_triton(tmp_path, int(first.grpc_address.rpartition(":")[2])):
        ready = time.monotonic()
        async with asyncio.timeout(60):
            while breakers.state(TRITON) is not BreakerState.CLOSED:
                try:
                    _ = [output async for output in client.infer_stream("tts_null", SPEECH, timeout_seconds=5)]
                except UnavailableError:
                    await asyncio.sleep(0.01)
        assert time.monotonic() - ready < 2
    await client.close()


async def test_a_stream_that_breaks_off_is_an_error() -> None:
    """A stream that Triton ends before its final response is not taken for a complete one."""
    triton = FakeTriton({})
    triton.cut_count = 1
    async with served(triton) as address:
        client = TritonClient(address)
        outputs = client.infer_stream("tts_test", SPEECH, timeout_seconds=5)
        assert len((await anext(outputs))["AUDIO"]) == 10
        with pytest.raises(UnavailableError):
            await anext(outputs)
        await client.close()


@pytest.mark.parametrize(
    ("details", "error"),
    [
        (FULL[1], ResourceExhaustedError),
        ("Server is stopping, scheduler for model has stopped accepting new inference requests", UnavailableError),
        (REFUSED[1], InvalidArgumentError),
    ],
)
async def test_a_refusal_in_a_stream_is_told_apart(details: str, error: type[LiveTranslateError]) -> None:
    """Errors in a stream have no status: what to try again is known by what Triton says."""
    triton = FakeTriton({})
    triton.failures.append((grpc.StatusCode.OK, details))
    async with served(triton) as address:
        client = TritonClient(address)
        with pytest.raises(error):
            await anext(client.infer_stream("tts_test", SPEECH, timeout_seconds=5))
        await client.close()


async def test_a_model_that_is_away_is_not_triton() -> None:
    """However often one model says so, Triton goes on being asked for others, in streams, too."""
    triton = FakeTriton({})
    away = f"{AWAY}the language model does not answer"
    async with served(triton) as address:
        breakers = Breakers(TRITON)
        client = TritonClient(address, breakers)
        for _ in range(20):
            triton.failures.extend([(grpc.StatusCode.UNAVAILABLE, away)] * 2)
            with pytest.raises(UnavailableError, match="cannot work now: the language model does not answer"):
                await client.infer("mt_test", TEXT, timeout_seconds=5)
            with pytest.raises(UnavailableError, match="cannot work now"):
                await anext(client.infer_stream("tts_test", SPEECH, timeout_seconds=5))
            assert breakers.state(TRITON) is BreakerState.CLOSED
        await client.close()


async def test_an_answer_is_known_by_the_requests_number(client: TritonClient) -> None:
    """A model that repeats the number is believed, in streams, too."""
    for task in ("mt", "tts"):
        assert await client.models(task)
    assert (await client.infer("mt_null", TEXT, timeout_seconds=5))["TRANSLATION"] == [b"good"]
    chunks = [chunk async for chunk in client.infer_stream("tts_null", SPEECH, timeout_seconds=5)]
    assert all("NONCE" in chunk for chunk in chunks)


@pytest.mark.parametrize(("outputs", "nonce_shift"), [(["TRANSLATION", "NONCE"], 1), (["TRANSLATION", "SCORE"], 0)])
async def test_a_damaged_answer_is_an_error(outputs: list[str], nonce_shift: int) -> None:
    """One that belongs to another request, or lacks an output, is never taken for a result."""
    triton = FakeTriton({"mt_test": {"task": "mt"}})
    triton.outputs, triton.nonce_shift = outputs, nonce_shift
    async with served(triton) as address:
        client = TritonClient(address)
        assert await client.models("mt")
        with pytest.raises(InternalError, match="another request") as raised:
            await client.infer("mt_test", TEXT, timeout_seconds=5)
        triton.outputs, triton.nonce_shift = ["TRANSLATION", "NONCE"], 0
        assert await client.models("mt")
        assert (await client.infer("mt_test", TEXT, timeout_seconds=5))["TRANSLATION"] == [b"good"]
        await client.close()
    assert raised.value.reason == "MODEL_FAILED"


async def test_with_a_keeper_models_are_known_before_they_are_loaded() -> None:
    """The keeper describes them, and is what is waited for; of Triton nothing is asked."""
    keeper = FakeKeeper({"mt_a": {"task": "mt", "language_pairs": "en-es"}, "tts_a": {"task": "tts"}})
    async with kept(keeper) as address:
        client = TritonClient("127.0.0.1:9", keeper=KeeperOptions(address))
        await client.wait_until_ready(5)
        (model,) = await client.models("mt")
        assert (model.name, model.language_pairs) == ("mt_a", (("en", "es"),))
        assert not await client.is_loaded("mt_a")
        await client.close()


async def test_a_keeper_that_is_not_there_is_named() -> None:
    """The message says where it was looked for, and by which variable."""
    client = TritonClient("127.0.0.1:9", keeper=KeeperOptions("127.0.0.1:9"))
    with pytest.raises(UnavailableError, match=r"keeper does not answer at 127\.0\.0\.1:9.*LIVETRANSLATE_KEEPER_URL"):
        await client.wait_until_ready(0.1)
    await client.close()


async def test_says_what_is_loaded(client: TritonClient) -> None:
    """Whether a model is in Triton's memory."""
    assert await client.is_loaded("mt_null")
    assert not await client.is_loaded("mt_nothing")


async def test_tells_what_triton_has_counted(client: TritonClient) -> None:
    """Each request that was answered has been in its model's queue for a while."""
    before = (await client.queued())["mt_null"]
    await client.infer("mt_null", TEXT, timeout_seconds=20)
    after = (await client.queued())["mt_null"]
    assert after.count == before.count + 1
    assert before.seconds < after.seconds < before.seconds + 20


async def test_a_request_that_is_over_leaves_its_place(client: TritonClient) -> None:
    """Far more requests, one after the other, than a model gets at a time."""
    await client.models("mt")
    for _ in range(300):
        async for _ in client.infer_stream("tts_null", SPEECH, timeout_seconds=20):
            pass
        await client.infer("mt_null", TEXT, timeout_seconds=20)


async def test_whoever_waits_has_time_left_for_the_model() -> None:
    """A request that has waited for half of its time is refused: its answer would come when nobody waits for it."""
    triton = FakeTriton({"mt_test": {"task": "mt"}})
    triton.is_stuck = True
    async with served(triton) as address:
        client = TritonClient(address)
        await client.models("mt")
        in_place = [asyncio.create_task(client.infer("mt_test", TEXT, timeout_seconds=2)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ResourceExhaustedError):
            await client.infer("mt_test", TEXT, timeout_seconds=2.5)
        assert not any(task.done() for task in in_place)
    await asyncio.gather(*in_place, return_exceptions=True)
    await client.close()


@pytest.mark.parametrize(("gpus", "instances"), [([], 2), ([0], 2), ([0, 1, 2], 6)])
def test_a_model_has_instances_on_each_of_its_gpus(gpus: list[int], instances: int) -> None:
    """Triton makes as many on each of them as a group says, and they all work at a time."""
    config = model_config_pb2.ModelConfig(name="mt_test", max_batch_size=4)
    config.parameters["task"].string_value = "mt"
    config.instance_group.add(count=2, gpus=gpus)
    assert places_of(config) == 2 * 4 * instances
    config.sequence_batching.oldest.max_candidate_sequences = 5
    assert describe_model(config).sequence_slots == 5 * instances


async def test_without_triton_nothing_is_counted() -> None:
    """It is an error of its own kind, which the breaker does not hear of."""
    breakers = Breakers(TRITON)
    client = TritonClient("127.0.0.1:1", breakers)
    for _ in range(20):
        with pytest.raises(UnavailableError):
            await client.queued()
    assert breakers.state(TRITON) is BreakerState.CLOSED
    await client.close()
