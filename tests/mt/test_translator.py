"""Translation on Triton."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from livetranslate import names, telemetry
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, ResourceExhaustedError
from livetranslate.glossary import Glossary, Term
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TritonClient
from mt.job import Job, JobKind, Route, RouteModel, Segment
from mt.quality import QualityReason
from mt.settings import MtSettings
from mt.translator import TritonTranslator
from tests.fake_triton import AWAY, FULL, REFUSED, FakeTriton, served, text_of
from tests.mt.models import ManyModels

ROUTE = Route("es-MX", (RouteModel("mt_test", "en", "es"),))
FINAL = Job(Segment("1", 2, "good morning", is_final=True), ROUTE, "good morning")
SLOW = (grpc.StatusCode.DEADLINE_EXCEEDED, "")
BROKEN = (grpc.StatusCode.INTERNAL, "Stub process is not healthy.")
DRAFT = Job(Segment("1", 1, "good"), ROUTE, "good", JobKind.DRAFT)


@pytest.fixture
def triton() -> FakeTriton:
    return FakeTriton({})


@pytest.fixture
async def translator(triton: FakeTriton) -> AsyncIterator[TritonTranslator]:
    async with served(triton) as address:
        client = TritonClient(address)
        yield TritonTranslator(client, MtSettings(final_timeout_seconds=5))
        await client.close()


async def test_a_final_goes_first(triton: FakeTriton, translator: TritonTranslator) -> None:
    """A final carries the text and the pair as the model writes it, at the higher priority, with no queue limit."""
    translation = await translator.translate(FINAL)
    ((request, _),) = triton.requests
    assert translation.text == "good morning"
    assert translation.model_seconds > 0
    assert (text_of(request, "SOURCE_LANGUAGE"), text_of(request, "TARGET_LANGUAGE")) == ("en", "es")
    assert request.parameters["priority"].uint64_param == FINAL_PRIORITY
    assert "timeout" not in request.parameters


async def test_a_draft_does_not_wait(triton: FakeTriton, translator: TritonTranslator) -> None:
    """A draft has the lower priority and a limit in Triton's queue."""
    await translator.translate(DRAFT)
    ((request, _),) = triton.requests
    assert request.parameters["priority"].uint64_param == DRAFT_PRIORITY
    assert request.parameters["timeout"].int64_param == 1_000_000


async def test_a_draft_is_translated_without_a_span(triton: FakeTriton, translator: TritonTranslator) -> None:
    """A draft is translated, and is not traced: there are many, and most are replaced."""
    translation = await translator.translate(DRAFT)
    assert (translation.text, translation.traceparent) == ("good", "")
    assert [traceparent for _, traceparent in triton.requests] == [""]


@pytest.mark.parametrize("failure", [FULL, AWAY, SLOW, BROKEN])
async def test_a_final_is_tried_until_it_is_done(
    triton: FakeTriton, translator: TritonTranslator, failure: tuple[grpc.StatusCode, str]
) -> None:
    """A final that finds the model full, away or broken is tried again."""
    triton.failures.extend([failure] * 3)
    assert (await translator.translate(FINAL)).text == "good morning"
    assert len(triton.requests) == 4


async def test_patience_ends(triton: FakeTriton) -> None:
    """A final that finds the queue full for long enough has failed."""
    triton.failures.extend([FULL] * 100)
    async with served(triton) as address:
        client = TritonClient(address)
        with pytest.raises(ResourceExhaustedError):
            await TritonTranslator(client, MtSettings(final_patience_seconds=0.1)).translate(FINAL)
        await client.close()
    assert len(triton.requests) > 1


@pytest.mark.parametrize("failure", [FULL, AWAY, SLOW, BROKEN])
async def test_a_draft_is_tried_once(
    triton: FakeTriton, translator: TritonTranslator, failure: tuple[grpc.StatusCode, str]
) -> None:
    """What is soon replaced is not worth a second attempt."""
    triton.failures.append(failure)
    with pytest.raises(LiveTranslateError):
        await translator.translate(DRAFT)
    assert len(triton.requests) == 1


async def test_a_refused_text_is_not_tried_again(triton: FakeTriton, translator: TritonTranslator) -> None:
    """What the model cannot read it is not sent twice."""
    triton.failures.append(REFUSED)
    with pytest.raises(InvalidArgumentError):
        await translator.translate(FINAL)
    assert len(triton.requests) == 1


async def test_a_final_is_traced(
    triton: FakeTriton, translator: TritonTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A final's span continues its segment's trace, Triton's span lies inside, and neither carries text."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    traceparent = f"00-{'1' * 32}-{'2' * 16}-01"
    segment = Segment("1", 2, "good morning", is_final=True, traceparent=traceparent)
    translation = await translator.translate(Job(segment, ROUTE, segment.text), 1.5)
    inner, outer = exporter.get_finished_spans()
    assert (inner.name, outer.name) == (names.MT_TRITON_SPAN, names.MT_SPAN)
    assert outer.parent is not None
    assert outer.parent.span_id == int("2" * 16, 16)
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert outer.start_time is not None
    assert outer.end_time is not None
    assert outer.end_time - outer.start_time >= 1.5e9
    assert f"{outer.context.span_id:016x}" in translation.traceparent
    assert f"{inner.context.span_id:016x}" in triton.requests[0][1]
    assert "good" not in outer.to_json() + inner.to_json()


CHAIN = Route("es-MX", tuple(RouteModel(name, "en", "es") for name in ("mt_first", "mt_second", "mt_third")))
TEXT = "Good morning to all of you."
GOOD = "Buenos días a todos ustedes."
LOOP = "Buenos días días días días días días días."
CLAUSE = Job(Segment("1", 2, TEXT, is_final=True), CHAIN, TEXT)
GLOSSARY = Glossary((Term("hot plate", {"es": "placa caliente"}), Term("LiveTranslate", do_not_translate=True)))


@asynccontextmanager
async def chain(triton: ManyModels, settings: MtSettings | None = None) -> AsyncIterator[TritonTranslator]:
    """A translator with the models of a chain."""
    async with served(triton) as address:
        client = TritonClient(address)
        yield TritonTranslator(client, settings or MtSettings())
        await client.close()


def saying(first: str, second: str, third: str = "") -> ManyModels:
    """Models that always say the same."""
    return ManyModels({"mt_first": lambda _: first, "mt_second": lambda _: second, "mt_third": lambda _: third})


async def test_a_good_translation_is_enough() -> None:
    """The first model is asked, and no other."""
    triton = saying(GOOD, LOOP)
    async with chain(triton) as translator:
        translation = await translator.translate(CLAUSE)
    assert (translation.text, translation.model, translation.rejected_models) == (GOOD, "mt_first", ())
    assert (translation.quality, translation.reasons) == (1, ())
    assert triton.asked == [("mt_first", TEXT)]


async def test_a_weak_translation_goes_to_the_next_model() -> None:
    """Its translation counts, and the weak one's model is named."""
    triton = saying(LOOP, GOOD)
    async with chain(triton) as translator:
        translation = await translator.translate(CLAUSE)
    assert (translation.text, translation.model, translation.rejected_models) == (GOOD, "mt_second", ("mt_first",))
    assert [name for name, _ in triton.asked] == ["mt_first", "mt_second"]


async def test_of_weak_translations_the_best_counts() -> None:
    """Of the same quality the first; its faults are told, and the others' models."""
    half = "Buenos días."
    async with chain(saying(LOOP, half, "")) as translator:
        translation = await translator.translate(CLAUSE)
    assert translation.text == half
    assert translation.reasons == (QualityReason.LENGTH,)
    assert translation.quality < 0.7
    assert translation.rejected_models == ("mt_first", "mt_third")


async def test_with_no_threshold_the_first_model_is_enough() -> None:
    """What it says is judged all the same."""
    async with chain(saying(LOOP, GOOD), MtSettings(quality_threshold=0)) as translator:
        translation = await translator.translate(CLAUSE)
    assert (translation.text, translation.rejected_models) == (LOOP, ())
    assert QualityReason.REPETITION in translation.reasons


async def test_a_low_score_counts_against_a_translation() -> None:
    """A model that is unsure says so itself."""
    triton = saying(GOOD, GOOD)
    triton.scores = {"mt_first": -9.0, "mt_second": -0.1}
    async with chain(triton) as translator:
        assert (await translator.translate(CLAUSE)).model == "mt_second"


@pytest.mark.parametrize("failure", [AWAY, FULL, REFUSED, BROKEN])
async def test_a_model_that_fails_goes_to_the_next(failure: tuple[grpc.StatusCode, str]) -> None:
    """Nothing was translated by it, so that it is not named among those that were worse."""
    triton = saying(GOOD, GOOD)
    triton.away["mt_first"] = failure
    async with chain(triton, MtSettings(final_patience_seconds=0.2)) as translator:
        translation = await translator.translate(CLAUSE)
    assert (translation.text, translation.model, translation.rejected_models) == (GOOD, "mt_second", ())


async def test_a_model_that_is_away_is_left_alone_for_a_moment() -> None:
    """The clauses and drafts after go to the next at once, so that the breaker stays closed; then it is asked again."""
    triton = saying(GOOD, GOOD)
    triton.leave("mt_first")
    async with chain(triton) as translator:
        for _ in range(20):
            assert (await translator.translate(CLAUSE)).model == "mt_second"
        assert (await translator.translate(replace(CLAUSE, kind=JobKind.DRAFT))).model == "mt_second"
        assert [name for name, _ in triton.asked].count("mt_first") == 1
        triton.away.clear()
        translator._resting.clear()  # the moment is over
        assert (await translator.translate(CLAUSE)).model == "mt_first"


async def test_a_weak_translation_is_better_than_none() -> None:
    """Where the models after it are away it counts, and nobody waits for them."""
    triton = saying(LOOP, GOOD, GOOD)
    triton.leave("mt_second", "mt_third")
    async with chain(triton) as translator:
        assert (await translator.translate(CLAUSE)).text == LOOP


async def test_a_chain_that_is_away_is_tried_until_one_is_back() -> None:
    """All of them come round again and again, and the first comes first."""
    triton = saying(GOOD, GOOD)
    triton.failures.extend([AWAY] * 9)
    async with chain(triton) as translator:
        assert (await translator.translate(CLAUSE)).text == GOOD


async def test_a_chain_that_fails_says_what_may_be_over() -> None:
    """Of several errors the one that makes it worth while to ask again."""
    triton = saying(GOOD, GOOD)
    triton.away = {"mt_first": REFUSED, "mt_second": FULL, "mt_third": REFUSED}
    async with chain(triton, MtSettings(final_patience_seconds=0)) as translator:
        with pytest.raises(ResourceExhaustedError):
            await translator.translate(CLAUSE)


async def test_a_draft_is_the_first_models() -> None:
    """It is not judged, and no other model is asked."""
    triton = saying(LOOP, GOOD)
    async with chain(triton) as translator:
        translation = await translator.translate(replace(CLAUSE, kind=JobKind.DRAFT))
    assert (translation.text, translation.reasons) == (LOOP, ())
    assert [name for name, _ in triton.asked] == ["mt_first"]


@pytest.mark.parametrize("kind", list(JobKind))
async def test_terms_are_kept(kind: JobKind) -> None:
    """The model sees placeholders, the reader what the glossary says, in drafts as well."""
    triton = ManyModels({"mt_first": lambda text: text.replace("with the", "con la").lower()})
    text = "LiveTranslate with the hot plate"
    async with chain(triton) as translator:
        translation = await translator.translate(replace(CLAUSE, text=text, glossary=GLOSSARY, kind=kind))
    assert translation.text == "LiveTranslate con la placa caliente"
    assert translation.missed_terms == ()
    assert triton.asked == [("mt_first", "XQ1 with the XQ2")]


async def test_a_lost_placeholder_is_asked_again_without() -> None:
    """The model may know the term; one that it does not know is missed, and the next model may know it."""
    triton = ManyModels(
        {
            "mt_first": lambda text: "la placa caliente" if "XQ" not in text else "la",
            "mt_second": lambda text: "la placa y LiveTranslate" if "XQ" not in text else "la",
            "mt_third": lambda text: text.replace("the", "la").replace("and", "y"),
        }
    )
    text = "the hot plate and LiveTranslate"
    job = replace(CLAUSE, text=text, glossary=GLOSSARY)
    async with chain(triton) as translator:
        alone = await translator.translate(replace(job, route=Route("es", CHAIN.models[:1])))
        translation = await translator.translate(job)
    assert (alone.text, alone.missed_terms) == ("la placa caliente", ("LiveTranslate",))
    assert QualityReason.TERM_MISSED in alone.reasons
    assert triton.asked[:2] == [("mt_first", "the XQ1 and XQ2"), ("mt_first", text)]
    assert (translation.text, translation.missed_terms) == ("la placa caliente y LiveTranslate", ())
    assert translation.rejected_models == ("mt_first", "mt_second")


async def test_a_long_text_is_judged_beside_the_event_loop() -> None:
    """It has the same quality as one that is short."""
    text = " ".join(f"We have {number} books for you." for number in range(2, 100))
    triton = ManyModels({"mt_first": lambda _: text.replace("We have", "Tenemos").replace("books for you", "libros")})
    async with chain(triton) as translator:
        translation = await translator.translate(replace(CLAUSE, text=text))
    assert (translation.quality, translation.reasons) == (1, ())
