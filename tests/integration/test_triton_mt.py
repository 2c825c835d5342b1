import asyncio
import os
import random
import signal
import time
from pathlib import Path

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.stack.triton import Triton
from livetranslate.triton import FINAL_PRIORITY, TritonClient

MODEL = "mt_apertium"
TIMEOUT_SECONDS = 20.0
WEIRD = [*"^$@<>[]{}\\/*~#+&%\"'`|\0\n\r\t", "\u200b", "\ufeff", "😀", "ß", "the", "dog's", "I'm", " "]


@pytest.fixture(autouse=True)
def _installed(triton: Triton) -> None:
    for model in triton.left_out:
        if model.name == MODEL:
            pytest.skip(model.missing)


async def translate(client: TritonClient, text: str, target: str = "es") -> str:
    inputs = {"TEXT": [text], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": [target]}
    outputs = await client.infer(MODEL, inputs, timeout_seconds=TIMEOUT_SECONDS, priority=FINAL_PRIORITY)
    translation = outputs["TRANSLATION"][0]
    assert isinstance(translation, bytes)
    return translation.decode()


async def test_what_a_recognizer_writes_is_translated(triton_client: TritonClient) -> None:
    """Lower-case words without punctuation are enough."""
    assert await translate(triton_client, "we have three options") == "Tenemos tres opciones"


async def test_one_bad_item_leaves_the_rest_of_its_batch_alone(triton_client: TritonClient) -> None:
    """The one without a pair is refused with the pairs there are; all others are translated."""
    good = [translate(triton_client, "three dogs") for _ in range(20)]
    answers = await asyncio.gather(*good, translate(triton_client, "three dogs", "xx"), return_exceptions=True)
    assert answers[:-1] == ["Tres perros"] * 20
    assert isinstance(answers[-1], InvalidArgumentError)
    assert "en-es" in str(answers[-1])


async def test_texts_that_arrive_while_the_model_is_busy_are_next(triton_client: TritonClient) -> None:
    """Triton starts the next batch when the last one is done, not when its idle timer of 0.5 s runs out."""
    await translate(triton_client, "warm")
    durations = []
    for _ in range(10):
        started = time.monotonic()
        await asyncio.gather(*(translate(triton_client, "three dogs") for _ in range(40)))
        durations.append(time.monotonic() - started)
    assert sorted(durations)[len(durations) // 2] < 0.4


async def test_weird_texts_are_all_answered(triton_client: TritonClient) -> None:
    """Whatever is sent, all answers come, and the next text gets its own."""
    chance = random.Random(11)
    texts = ["".join(chance.choices(WEIRD, k=chance.randrange(12))) for _ in range(300)]
    for start in range(0, len(texts), 50):
        await asyncio.gather(*(translate(triton_client, text) for text in texts[start : start + 50]))
    assert await translate(triton_client, "three dogs") == "Tres perros"


async def test_a_killed_program_costs_no_translation(triton: Triton, triton_client: TritonClient) -> None:
    """The pipeline is started again while the text waits, and no dead process stays behind."""
    await translate(triton_client, "warm")
    victims = [pid for pid in _group(triton.pid) if _command(pid) == "apertium-transf"]
    os.kill(victims[0], signal.SIGKILL)
    assert await translate(triton_client, "three dogs") == "Tres perros"
    assert victims[0] not in _group(triton.pid)


def _group(pid: int) -> list[int]:
    """The processes of a process group, dead ones that nobody has waited for among them."""
    stats = [(path.parent.name, path.read_text().rsplit(")", 1)[1].split()) for path in _stats()]
    return [int(name) for name, fields in stats if int(fields[2]) == pid]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def _stats() -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/stat") if path.exists()]
