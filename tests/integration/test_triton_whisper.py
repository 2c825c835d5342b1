import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asr.recognizer import patient
from bench.triton_counts import counts_of
from bench.weights.whisper import save_tone_whisper
from bench.weights.whisper_tones import WORDS, tone_audio
from livetranslate.audio import decode_file
from livetranslate.errors import DependencyError, InvalidArgumentError, ResourceExhaustedError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.tensors import Value
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, Outputs, TritonClient
from tests.asr.serving import asr_service, finals, recognize

ROOT = Path(__file__).parents[2]
MODEL = "asr_whisper_tones"
SECOND = SAMPLE_RATE_HERTZ


@pytest.fixture(scope="module")
def whisper_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves a Whisper which hears tones."""
    folder = tmp_path_factory.mktemp("whisper_triton")
    save_tone_whisper(folder / "models" / "whisper-tones")
    options = TritonOptions(model_repository=ROOT / "model_repository", profile="cpu", models_folder=folder / "models")
    server = start_triton(options, folder)
    yield server
    server.stop()


@pytest.fixture
async def client(whisper_triton: Triton) -> AsyncIterator[TritonClient]:
    client = TritonClient(whisper_triton.grpc_address)
    await client.models("asr")  # whose outputs are known from now on
    yield client
    await client.close()


async def infer(
    client: TritonClient, numbers: Sequence[int | None], language: str = "en", seconds: int = 5, **options: Any
) -> Outputs:
    """What the model says of a window."""
    audio = tone_audio(numbers)
    hints: dict[str, Value] = {name: [options.pop(name)] for name in ("PROMPT", "PHRASES") if name in options}
    inputs: dict[str, Value] = {
        "AUDIO": np.pad(audio, (0, max(0, seconds * SECOND - len(audio)))),
        "LENGTH": np.array([len(audio)], np.int32),
        "LANGUAGE": [language],
        **hints,
    }
    patient = {"priority": FINAL_PRIORITY, **options}  # not given up when the machine is slow
    return await client.infer(MODEL, inputs, timeout_seconds=60, **patient)


def said(outputs: Outputs) -> str:
    return " ".join(word.decode() for word in outputs["WORDS"])


async def test_a_whole_answer(client: TritonClient) -> None:
    """Words with times and confidence, and what the gates need."""
    outputs = await infer(client, [1, None, 2, 3], seconds=5)
    assert said(outputs) == "one two three"
    assert [int(start) for start in outputs["WORD_START_SAMPLES"]] == [0, SECOND, 3 * SECOND // 2]
    assert [int(end) for end in outputs["WORD_END_SAMPLES"]] == [SECOND // 2, 3 * SECOND // 2, 2 * SECOND]
    assert min(map(float, outputs["WORD_CONFIDENCE"])) > 0.8
    assert float(outputs["NO_SPEECH_PROBABILITY"][0]) < 0.01
    assert -0.2 < float(outputs["MEAN_LOG_PROBABILITY"][0]) <= 0
    assert float(outputs["COMPRESSION_RATIO"][0]) > 0
    assert (outputs["LANGUAGE"], float(outputs["LANGUAGE_PROBABILITY"][0])) == ([b"en"], 1)


async def test_sessions_share_batches_and_nothing_else(whisper_triton: Triton, client: TritonClient) -> None:
    """Windows of several lengths, languages and hints are answered together, each as if it were alone."""
    asked: list[tuple[Sequence[int | None], str, int, dict[str, str], str]] = [
        ([1, 2, 4], "en", 5, {}, "one two four"),
        ([1, 2, 4], "en", 10, {"PHRASES": "won\ntoo"}, "won too four"),
        ([1, 2, 4], "es", 5, {"PROMPT": "cero nueve"}, "uno dos cuatro"),
        ([None] * 8, "de", 20, {}, ""),
        (list(range(10)) * 6, "vi", 30, {}, " ".join(["không một hai ba bốn năm sáu bảy tám chín"] * 6)),
        ([7, 7, 1], "", 5, {}, "sept sept un"),
    ]
    before = counts_of(whisper_triton, MODEL)
    answers = await asyncio.gather(
        *(infer(client, numbers, language, seconds, **hints) for numbers, language, seconds, hints, _ in asked * 4)
    )
    assert [said(outputs) for outputs in answers] == [expected for *_, expected in asked * 4]
    assert [outputs["LANGUAGE"][0] for outputs in answers[:6]] == [b"en", b"en", b"es", b"de", b"vi", b"fr"]
    counts = counts_of(whisper_triton, MODEL).since(before)
    assert counts.requests - counts.batches >= 8  # though hardly two neighbours are of the same length


async def test_audio_is_never_cut(client: TritonClient) -> None:
    """What is longer than Whisper hears is refused, and spoils no other window."""
    long, short = await asyncio.gather(
        infer(client, [1] * 61, seconds=31), infer(client, [1, 2]), return_exceptions=True
    )
    assert isinstance(long, InvalidArgumentError)
    assert "480000" in str(long)
    assert not isinstance(short, BaseException)
    assert said(short) == "one two"


async def test_a_timeout_is_not_silence(client: TritonClient) -> None:
    """Drafts that waited for too long are refused; finals are all answered, and before the last drafts."""
    order: list[int] = []

    async def ask(priority: int, queue_timeout_seconds: float) -> Outputs:
        outputs = await infer(client, [1, 2], priority=priority, queue_timeout_seconds=queue_timeout_seconds)
        order.append(priority)
        return outputs

    drafts = [ask(DRAFT_PRIORITY, 0.05) for _ in range(24)]
    answers = await asyncio.gather(*drafts, *(ask(FINAL_PRIORITY, 0) for _ in range(4)), return_exceptions=True)
    refused = [answer for answer in answers[:24] if isinstance(answer, ResourceExhaustedError)]
    heard = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert refused
    assert len(refused) + len(heard) == len(answers)
    assert {said(outputs) for outputs in heard} == {"one two"}
    assert order.count(FINAL_PRIORITY) == 4


async def test_a_model_that_loads_answers_nothing_wrong(tmp_path: Path) -> None:
    """Windows that come while Triton starts are errors until it has the model, and then all are answered."""
    save_tone_whisper(tmp_path / "models" / "whisper-tones")
    (port,) = free_ports(1)
    options = TritonOptions(
        model_repository=ROOT / "model_repository",
        profile="cpu",
        models_folder=tmp_path / "models",
        grpc_port=port,
    )
    client = TritonClient(f"{HOST}:{port}")
    ask = patient(infer, lambda error: isinstance(error, DependencyError), patience_seconds=30)
    starting = asyncio.create_task(asyncio.to_thread(start_triton, options, tmp_path))
    try:
        answers = await asyncio.gather(*(ask(client, [number, 3]) for number in range(8)))
    finally:
        await client.close()
        await asyncio.to_thread((await starting).stop)
    assert [said(outputs) for outputs in answers] == [f"{word} three" for word in WORDS["en"][:8]]


async def test_speech_becomes_text_window_by_window(whisper_triton: Triton) -> None:
    """Through the recognition service: words are committed while they come, and the finals have them all."""
    audio = np.concatenate(list(decode_file(ROOT / "demo" / "meeting.flac")))[: 11 * SECOND]
    async with asr_service(whisper_triton.grpc_address) as served:
        responses = await recognize(served, audio.tobytes())
    texts = [final.committed_text for final in finals(responses)]
    assert len(texts) == 3
    assert all(texts)
    assert sum(bool(response.revision.unstable_text) for response in responses) > 3
