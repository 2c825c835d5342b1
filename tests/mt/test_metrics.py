import asyncio
from collections.abc import AsyncIterator

import pytest

from livetranslate import names
from livetranslate.errors import LiveTranslateError, ResourceExhaustedError
from livetranslate.glossary import Glossary
from livetranslate.metrics import counter, histogram
from livetranslate.v1 import mt_pb2
from mt import metrics
from mt.answer import Notice, Revision, Trouble
from mt.job import Job, JobKind, Route, RouteModel, Translation
from mt.policy import Target
from mt.session import MtSession
from mt.stream import MtStream
from tests.gateway.measuring import Measurements
from tests.mt.serving import draft, final, shout

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measurements:
    """What mt measures from here on."""
    measured = Measurements()
    monkeypatch.setattr(metrics, "_translations", counter(names.TRANSLATIONS, measured.meter))
    monkeypatch.setattr(metrics, "_quality", histogram(names.TRANSLATION_QUALITY, measured.meter))
    monkeypatch.setattr(metrics, "_drops", counter(names.DROPS, measured.meter))
    return measured


def revision(model: str, *, is_final: bool = True) -> Revision:
    traceparent = f"00-{TRACE_ID}-b7ad6b7169203331-01"
    return Revision("1", "es-MX", 1, "hola", is_final=is_final, quality=0.5, model=model, traceparent=traceparent)


def test_final_translations_are_counted(measured: Measurements) -> None:
    """A final counts by its model and language, with its quality and its trace; nothing else does."""
    metrics.note_answer(revision("mt_a"))
    metrics.note_answer(revision("mt_a", is_final=False))
    metrics.note_answer(revision(""))  # a transcript in the target's own language
    metrics.note_answer(Notice(Trouble.TRANSLATION_FAILED, "It failed."))
    assert measured.values(names.TRANSLATIONS) == {"mt_a es": 1}
    assert measured.recorded(names.TRANSLATION_QUALITY) == {"mt_a": (1, 0.5)}
    assert measured.traces(names.TRANSLATION_QUALITY) == {TRACE_ID}


async def drops_of_a_stream(error: LiveTranslateError | None) -> None:
    """Serve a stream whose draft fails so, or else is still under way when the final comes."""
    is_drafting = asyncio.Event()
    waiting: list[int] = []

    async def requests() -> AsyncIterator[mt_pb2.StreamingTranslateRequest]:
        yield draft(1, "on")
        await is_drafting.wait()
        yield final(1, "one")

    async def translate(job: Job, waited_seconds: float) -> Translation:
        if job.kind is JobKind.CLAUSE:
            return await shout(job, waited_seconds)
        is_drafting.set()
        if error is not None:
            raise error
        return await asyncio.Future()

    async def send(answer: mt_pb2.StreamingTranslateResponse) -> None:
        waiting.append(metrics.finals_waiting.total)

    async def find_route(source: str, target: str) -> Route:
        return Route(target, (RouteModel("mt_test", source, target),))

    session = MtSession([Target("es")], Glossary(), draft_interval_seconds=0, final_limit=64)
    stream = MtStream(session, translate, find_route, "en")
    async with asyncio.timeout(60):
        await stream.run(requests(), send, asyncio.Event())
    assert (waiting, metrics.finals_waiting.total) == ([1], 0), "the final waits until it is answered"


async def test_a_superseded_draft_is_counted(measured: Measurements) -> None:
    """A draft that the final overtakes counts as left out."""
    await drops_of_a_stream(None)
    assert measured.values(names.DROPS) == {"draft_superseded": 1}


async def test_a_draft_that_fails_is_counted(measured: Measurements) -> None:
    """A draft that the model has no time for counts as left out."""
    await drops_of_a_stream(ResourceExhaustedError("MODEL_BUSY", "The model is busy."))
    assert measured.values(names.DROPS) == {"draft_failed": 1}
