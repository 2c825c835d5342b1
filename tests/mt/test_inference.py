"""One model on Triton, asked to translate."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from livetranslate.triton import TritonClient
from mt.inference import Inference
from mt.job import Job, Route, RouteModel, Segment
from mt.settings import MtSettings
from tests.fake_triton import served
from tests.mt.models import ManyModels

PLAIN = RouteModel("mt_plain", "en", "es")
CONTEXT = RouteModel("mt_context", "en-US", "es-MX", frozenset({"context"}))
PREFIX = RouteModel("mt_prefix", "en", "es", frozenset({"context", "prefix"}))
JOB = Job(
    Segment("1", 2, "Good morning, all of you.", is_final=True),
    Route("es", (PLAIN, CONTEXT, PREFIX)),
    "all of you.",
    context=("One.", "Two."),
    before="Good morning,",
    prefix="Buenos días,",
)


@pytest.fixture
def triton() -> ManyModels:
    return ManyModels(dict.fromkeys(("mt_plain", "mt_context", "mt_prefix"), str.upper))


@pytest.fixture
async def inference(triton: ManyModels) -> AsyncIterator[Inference]:
    async with served(triton) as address:
        client = TritonClient(address)
        yield Inference(client, MtSettings())
        await client.close()


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (PLAIN, {"TEXT": "all of XQ1.", "SOURCE_LANGUAGE": "en", "TARGET_LANGUAGE": "es"}),
        (
            CONTEXT,
            {
                "TEXT": "all of XQ1.",
                "SOURCE_LANGUAGE": "en-US",
                "TARGET_LANGUAGE": "es-MX",
                "CONTEXT": "One.\nTwo.\nGood morning,",
            },
        ),
        (
            PREFIX,
            {
                "TEXT": "Good morning, all of XQ1.",
                "SOURCE_LANGUAGE": "en",
                "TARGET_LANGUAGE": "es",
                "CONTEXT": "One.\nTwo.",
                "PREFIX": "Buenos días,",
            },
        ),
    ],
)
async def test_a_model_gets_what_it_takes(
    triton: ManyModels, inference: Inference, model: RouteModel, expected: dict[str, str]
) -> None:
    """The text and the pair as the model writes it; what came before, and a prefix to continue, where it takes them."""
    output = await inference.ask(model, JOB, "all of XQ1.")
    assert triton.inputs_of(0) == expected
    assert output.text == expected["TEXT"].upper()


async def test_context_is_not_told_twice(triton: ManyModels, inference: Inference) -> None:
    """Where no model of the chain takes a prefix, the job's context has all that was said before."""
    job = replace(JOB, route=Route("es", (CONTEXT, PLAIN)), context=("One.", "Good morning,"))
    await inference.ask(CONTEXT, job, job.text)
    assert triton.inputs_of(0)["CONTEXT"] == "One.\nGood morning,"


async def test_a_model_may_tell_a_score(triton: ManyModels, inference: Inference) -> None:
    """The mean log probability, where it gives one."""
    triton.scores["mt_plain"] = -0.5
    assert (await inference.ask(PLAIN, JOB, "yes")).score == -0.5
    assert (await inference.ask(CONTEXT, JOB, "yes")).score is None
