import time

import numpy as np
import pytest

from bench.quality.material import Material
from bench.quality.player import Play, play_session
from bench.quality.session_log import Sentence
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import mt_pb2
from tests.livetranslate.fake_gateway import fake_gateway


def material(seconds: float) -> Material:
    samples = np.zeros(round(seconds * SAMPLE_RATE_HERTZ), np.int16)
    return Material("made", samples, (Sentence("word 0", 0.0, 1.0, "es 0"),))


async def test_everything_that_came_is_in_the_log() -> None:
    """Texts, speech and the end, in the order in which they came; and what was played, as it was asked for."""
    with fake_gateway() as gateway:
        log = await play_session(gateway.address, Play(material(2.0), policy="segments", is_paced=False))
        [target] = gateway.requests[0].config.targets
    assert (target.language_code, target.speech, target.policy) == ("es", True, mt_pb2.TRANSLATION_POLICY_SEGMENTS)
    assert [event.kind for event in log.events][:: len(log.events) - 1] == ["session_started", "summary"]
    assert [event.committed for event in log.of("translation")] == ["es 0", "es 1"]
    assert any(event.seconds for event in log.of("speech"))
    times = [event.t for event in log.events]
    assert times == sorted(times)
    assert (log.header.target, log.header.policy, log.header.is_paced) == ("es", "segments", False)
    assert log.header.sentences == material(2.0).sentences
    assert len(log.header.sent) == 20


async def test_chunks_are_sent_at_their_time() -> None:
    """None is sent before it is due, however fast the server answers; the last may be short."""
    before = time.monotonic()
    with fake_gateway() as gateway:
        log = await play_session(gateway.address, Play(material(0.55), target=""))
        heard = b"".join(request.audio for request in gateway.requests)
    assert time.monotonic() - before > 0.5
    assert len(heard) == len(material(0.55).samples) * 2
    assert log.header.sent == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=0.05)
    assert list(log.of("translation")) == []
