import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asr.audio_buffer import Samples
from bench.triton_counts import counts_of
from livetranslate.audio import decode_file
from livetranslate.errors import ResourceExhaustedError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.tensors import Value
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, Outputs, TritonClient
from livetranslate.v1 import asr_pb2
from livetranslate.wire import samples_of_duration
from tests.asr.serving import Served, asr_service, finals, recognize, said

ROOT = Path(__file__).parents[2]
MODEL = "asr_window"
SECOND = SAMPLE_RATE_HERTZ


@pytest.fixture(scope="module")
def window_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves a recognizer of windows."""
    options = TritonOptions(model_repository=ROOT / "tests" / "models", profile="window")
    server = start_triton(options, tmp_path_factory.mktemp("window_triton"))
    yield server
    server.stop()


@pytest.fixture
async def client(window_triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(window_triton.grpc_address)
    await client.models("asr")  # whose outputs are known from now on
    yield client
    await client.close()


@pytest.fixture
async def served(window_triton: Triton) -> AsyncIterator[Served]:
    async with asr_service(window_triton.grpc_address) as served:
        yield served


@pytest.fixture(scope="module")
def meeting() -> Samples:
    """The first seconds of a recording: three sentences."""
    return np.concatenate(list(decode_file(ROOT / "demo" / "meeting.flac")))[: 11 * SECOND]


async def infer(client: TritonClient, samples: Samples, bucket_seconds: int = 5, **options: Any) -> Outputs:
    """What the model says of a window."""
    inputs: dict[str, Value] = {
        "AUDIO": np.pad(samples, (0, bucket_seconds * SECOND - len(samples))),
        "LENGTH": np.array([len(samples)], np.int32),
        "LANGUAGE": ["en"],
    }
    return await client.infer(MODEL, inputs, timeout_seconds=60, **options)


async def test_a_window_is_a_function_of_its_audio(client: TritonClient, meeting: Samples) -> None:
    """However it is padded, and whatever the model heard before."""
    sentence = meeting[: 4 * SECOND]
    first = await infer(client, sentence)
    await infer(client, meeting[5 * SECOND : 9 * SECOND])
    again = await infer(client, sentence, bucket_seconds=10)
    assert len(first["WORDS"]) > 3
    assert first["WORDS"] == again["WORDS"]
    assert first["LANGUAGE"] == [b"en"]
    for name in ("WORD_START_SAMPLES", "WORD_END_SAMPLES", "WORD_CONFIDENCE", "COMPRESSION_RATIO"):
        np.testing.assert_array_equal(first[name], again[name])


async def test_windows_that_are_stale_leave_the_queue(client: TritonClient, meeting: Samples) -> None:
    """Of more windows than go into a batch, those that wait for longer than they may are refused."""
    asked = [
        infer(client, meeting[: 2 * SECOND], priority=DRAFT_PRIORITY, queue_timeout_seconds=0.2) for _ in range(16)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, ResourceExhaustedError)]
    heard = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert refused
    assert heard
    assert len(refused) + len(heard) == 16


async def test_what_is_final_overtakes_the_rest(client: TritonClient, meeting: Samples) -> None:
    """A final that came last is not answered last."""
    order: list[int] = []

    async def ask(priority: int) -> None:
        with suppress(ResourceExhaustedError):  # a slow machine gives up those that wait for 10 s
            await infer(client, meeting[:SECOND], priority=priority)
            order.append(priority)

    await asyncio.gather(*(ask(DRAFT_PRIORITY) for _ in range(16)), ask(FINAL_PRIORITY))
    assert FINAL_PRIORITY in order
    assert order[-1] == DRAFT_PRIORITY


async def test_speech_becomes_words_window_by_window(served: Served, meeting: Samples) -> None:
    """Words come while they are spoken, what is committed only grows, and finals have what was said."""
    responses = await recognize(served, meeting.tobytes())
    committed: dict[str, str] = {}
    for revision in (response.revision for response in responses if response.HasField("revision")):
        assert revision.committed_text.startswith(committed.get(revision.segment_id, ""))
        committed[revision.segment_id] = revision.committed_text
        assert revision.model == MODEL
    assert len(committed) == 3
    assert sum(bool(r.revision.unstable_text) for r in responses) > 3
    assert [final.committed_text for final in finals(responses)] == list(committed.values())
    assert len(" ".join(committed.values()).split()) > 20


async def test_any_position_is_one_to_go_on_from(served: Served, meeting: Samples) -> None:
    """However audio is cut into messages, and from whichever position on: words, times and revisions are the same."""
    whole = await recognize(served, meeting.tobytes(), 6_400)
    positions = {
        len(said(whole, samples_of_duration(r.progress.processed_offset))): r.progress
        for r in whole
        if r.HasField("progress")
    }  # the latest before each segment
    assert sorted(positions) == [0, 1, 2, 3]
    for position in positions.values():
        replay = await recognize(served, meeting.tobytes(), start=position)
        assert said(replay) == said(whole, samples_of_duration(position.processed_offset))


async def test_windows_of_sessions_form_batches(window_triton: Triton, served: Served, meeting: Samples) -> None:
    """Sessions that speak at the same time are decoded together, and each gets its own words."""
    before = counts_of(window_triton, MODEL)
    alone = [final.committed_text for final in finals(await recognize(served, meeting[: 3 * SECOND].tobytes()))]
    together = await asyncio.gather(*(recognize(served, meeting[: 3 * SECOND].tobytes()) for _ in range(2)))
    assert alone
    assert [[final.committed_text for final in finals(responses)] for responses in together] == [alone] * 2
    counts = counts_of(window_triton, MODEL).since(before)
    assert counts.requests - counts.batches > 0


async def test_window_models_are_listed(served: Served) -> None:
    """A client learns that they can be asked for."""
    response = await served.stub.ListRecognizers(asr_pb2.ListRecognizersRequest())
    assert [recognizer.model for recognizer in response.recognizers] == [MODEL]
