"""A Triton that is killed and comes back at the same address."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import TritonClient
from mt.job import Job, Route, RouteModel, Segment
from mt.settings import MtSettings
from mt.translator import TritonTranslator
from tests.integration.conftest import ROOT
from tts.settings import TtsSettings
from tts.synthesizer import TritonSynthesizer
from tts.utterance import Utterance, Voice

VOICE = Voice("", "es", "tts_espeak", 22_050)
SPEECH = Utterance("1", "Tenemos tres opciones y un gato. " * 250)  # minutes: far more than connections buffer
SPANISH = Route("es", (RouteModel("mt_apertium", "en", "es"),))

Restart = Callable[[], Triton]


@pytest.fixture
def mortal_triton(tmp_path: Path) -> Iterator[tuple[Triton, Restart]]:
    """A Triton of the test's own, and what kills it and starts another in its place."""
    running: list[Triton] = []

    def start(grpc_port: int) -> Triton:
        options = TritonOptions(model_repository=ROOT / "model_repository", instances=1, grpc_port=grpc_port)
        running.append(start_triton(options, tmp_path))
        return running[-1]

    def restart() -> Triton:
        os.kill(running[-1].pid, signal.SIGKILL)
        running[-1].stop(0)
        return start(int(running[-1].grpc_address.rpartition(":")[2]))

    yield start(0), restart
    running[-1].stop()


async def test_no_word_is_lost(mortal_triton: tuple[Triton, Restart]) -> None:
    """Finals that are asked for while Triton is away are translated when it is back."""
    triton, restart = mortal_triton
    client = TritonClient(triton.grpc_address)
    translator = TritonTranslator(client, MtSettings())
    restarting = asyncio.create_task(asyncio.to_thread(restart))
    translated: list[str] = []
    while not restarting.done():
        segment = Segment(str(len(translated)), 1, "we have three options", is_final=True)
        translated.append((await translator.translate(Job(segment, SPANISH, segment.text))).text)
    await restarting
    assert set(translated) == {"Tenemos tres opciones"}
    await client.close()


async def test_no_sample_is_lost_or_doubled(mortal_triton: tuple[Triton, Restart]) -> None:
    """Speech that Triton's death cuts off goes on where it was when Triton is back."""
    triton, restart = mortal_triton
    client = TritonClient(triton.grpc_address)
    synthesizer = TritonSynthesizer(client, TtsSettings(patience_seconds=60))
    undisturbed = [sound.samples async for sound in synthesizer.synthesize(SPEECH, VOICE)]
    disturbed: list[bytes] = []
    async for sound in synthesizer.synthesize(SPEECH, VOICE):
        if not disturbed:
            await asyncio.to_thread(restart)
        disturbed.append(sound.samples)
    whole, pieced = (np.frombuffer(b"".join(pieces), np.int16) for pieces in (undisturbed, disturbed))
    assert len(whole) == len(pieced) > 60 * VOICE.sample_rate_hertz
    assert np.corrcoef(whole, pieced)[0, 1] > 0.99  # the engine adds a little noise of its own
    await client.close()
