import asyncio

import numpy as np
import pytest

from asr import metrics, slots
from asr.endpoint import SegmentEnd
from asr.session import DecodeStep
from asr.slots import SequenceSlots
from asr.window_recognizer import MISSED, WindowRecognizer
from livetranslate import names
from livetranslate.errors import ResourceExhaustedError
from livetranslate.metrics import counter, histogram
from livetranslate.models import Model
from tests.asr.test_window_recognizer import BUSY, PLAIN, SECOND, Whispering
from tests.gateway.measuring import Measurements

MODEL = Model("asr_a", "asr", decoding="sequence", sequence_slots=2)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measurements:
    """What asr measures from here on."""
    measured = Measurements()
    monkeypatch.setattr(metrics, "_segments", counter(names.SEGMENTS, measured.meter))
    monkeypatch.setattr(metrics, "_drops", counter(names.DROPS, measured.meter))
    monkeypatch.setattr(slots, "_wait", histogram(names.SLOT_WAIT, measured.meter))
    return measured


def test_segments_are_counted_by_their_end(measured: Measurements) -> None:
    """Each way in which a segment can end is told from the others; also that it could not be decoded any further."""
    for end in SegmentEnd:
        metrics.count_segment(end)
    metrics.count_segment(SegmentEnd.PAUSE)
    metrics.count_segment(None)
    assert measured.values(names.SEGMENTS) == {
        "pause": 2,
        "max_duration": 1,
        "flush": 1,
        "audio_end": 1,
        "failure": 1,
    }


async def test_a_window_that_is_missed_is_counted(measured: Measurements) -> None:
    """A window that the model has no time for counts as left out."""
    triton = Whispering(BUSY)
    recognizer = WindowRecognizer(triton, PLAIN, timeout_seconds=1, patience_seconds=0)
    step = DecodeStep(0, 0, np.zeros(3 * SECOND, np.int16), is_start=True, is_end=False, decoder_state=b"")
    assert await recognizer.recognize(step, "") is MISSED
    assert measured.values(names.DROPS) == {"window_missed": 1}
    await triton.close()


async def test_decoders_are_shown(measured: Measurements) -> None:
    """How many decoders a model has, how many are in use, and how many segments wait for one."""
    of_model = SequenceSlots(MODEL, timeout_seconds=60)
    metrics.show_slots({"asr_a": of_model}, measured.meter)
    await of_model.take()
    await of_model.take()
    waiting = asyncio.ensure_future(of_model.take())
    await asyncio.sleep(0)
    assert measured.values(names.SLOTS_LIMIT) == {"asr_a": 2}
    assert measured.values(names.SLOTS_USED) == {"asr_a": 2}
    assert measured.values(names.QUEUE_DEPTH) == {"slot": 1}
    of_model.give_back()
    await waiting
    of_model.give_back()
    assert measured.values(names.SLOTS_USED) == {"asr_a": 1}
    assert measured.values(names.QUEUE_DEPTH) == {"slot": 0}


async def test_the_wait_for_a_decoder_is_measured(measured: Measurements) -> None:
    """Also that of a segment that got none in the end, which then uses none."""
    of_model = SequenceSlots(Model("asr_a", "asr", sequence_slots=1), timeout_seconds=0)
    await of_model.take()
    with pytest.raises(ResourceExhaustedError):
        await of_model.take()
    ((count, _seconds),) = measured.recorded(names.SLOT_WAIT).values()
    assert (count, of_model.used) == (2, 1)
