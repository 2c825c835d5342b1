"""A language model, a neural translator and Apertium behind a real Triton, asked in turn."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.weights.translator import save_dictionary_translator
from livetranslate.breakers import Breakers, BreakerState
from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, UnavailableError
from livetranslate.glossary import Glossary, Term
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import TRITON, TritonClient
from mt.job import Job, Segment, Translation
from mt.routing import route_to
from mt.settings import MtSettings
from mt.translator import TritonTranslator
from tests.openai_server import OpenAiServer, Reply, asked_text, openai_server, says

REPOSITORY = Path(__file__).parents[2] / "model_repository"
CONCURRENCY = 8
LLM, NEURAL, APERTIUM = "mt_llm", "mt_dictionary_en_es", "mt_apertium"
WORDS = {"we": "nosotros", "have": "tenemos", "three": "tres", "big": "grandes", "dogs": "perros", "now": "ahora"}
SAID = "we have three dogs now"


@pytest.fixture(scope="module")
def llm() -> Iterator[OpenAiServer]:
    with openai_server(says("")) as server:
        yield server


@pytest.fixture(scope="module")
def chain_triton(llm: OpenAiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves the three translators, and nothing else."""
    if not Path("/usr/share/apertium/modes/eng-spa.mode").exists():
        pytest.skip("apt-get install apertium-eng-spa")
    folder = tmp_path_factory.mktemp("chain")
    (folder / "repository").mkdir()
    for engine in ("mt_llm", "mt_ct2", "mt_apertium"):
        (folder / "repository" / engine).symlink_to(REPOSITORY / engine)
    save_dictionary_translator(folder / "models" / "dictionary-en-es", "en", "es", WORDS)
    options = TritonOptions(model_repository=folder / "repository", profile="cpu", models_folder=folder / "models")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LIVETRANSLATE_LLM_URL", llm.url)
        environment.setenv("LIVETRANSLATE_LLM_MODEL", "test")
        environment.setenv("LIVETRANSLATE_LLM_API_KEY", "secret")
        environment.setenv("LIVETRANSLATE_LLM_TIMEOUT_SECONDS", "1")
        environment.setenv("LIVETRANSLATE_LLM_CONCURRENCY", str(CONCURRENCY))
        server = start_triton(options, folder)
    yield server
    server.stop()


@dataclass
class Chain:
    """What the mt service has."""

    client: TritonClient
    breakers: Breakers
    translator: TritonTranslator
    directory: ModelDirectory

    async def translate(self, text: str = SAID, glossary: Glossary | None = None) -> Translation:
        segment = Segment("1", 1, text, is_final=True, language_code="en")
        route = await route_to(self.directory, "en", "es")
        return await self.translator.translate(Job(segment, route, text, glossary=glossary or Glossary()))


@pytest.fixture
async def chain(chain_triton: Triton) -> AsyncIterator[Chain]:
    breakers = Breakers(TRITON)
    client = TritonClient(chain_triton.grpc_address, breakers)
    yield Chain(client, breakers, TritonTranslator(client, MtSettings()), ModelDirectory(client, "mt"))
    await client.close()


def translated(body: dict[str, Any]) -> Reply:
    """What a good model answers, in pieces."""
    words = [WORDS.get(word, word) for word in asked_text(body).split()]
    return Reply(tuple(f"{word} " for word in words))


async def ask(chain: Chain, text: str, target: str = "es") -> str:
    """What the language model alone makes of a text."""
    await chain.client.models("mt")
    inputs = {"TEXT": [text], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": [target], "CONTEXT": ["before"]}
    outputs = await chain.client.infer(LLM, inputs, timeout_seconds=20)
    translation = outputs["TRANSLATION"][0]
    assert isinstance(translation, bytes)
    return translation.decode()


async def test_models_are_asked_in_the_order_of_their_ranks(chain: Chain, llm: OpenAiServer) -> None:
    """The language model first, what comes with the project last."""
    llm.answer = translated
    route = await route_to(chain.directory, "en", "es")
    assert [model.name for model in route.models] == [LLM, NEURAL, APERTIUM]
    translation = await chain.translate()
    assert (translation.text, translation.model) == ("nosotros tenemos tres perros ahora", LLM)
    assert translation.rejected_models == ()


async def test_a_weak_translation_goes_to_the_next_model(chain: Chain, llm: OpenAiServer) -> None:
    """Talk in the place of a translation is not believed."""
    llm.answer = says("I'm sorry, but I can't help with that request.")
    translation = await chain.translate()
    assert (translation.text, translation.model) == ("nosotros tenemos tres perros ahora", NEURAL)
    assert translation.rejected_models == (LLM,)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says(status=429), id="full"),
        pytest.param(says(status=500), id="broken"),
        pytest.param(says("nosotros", finish_reason=None), id="cut"),
        pytest.param(says(raw=b"data: nonsense\n\n"), id="garbage"),
        pytest.param(says("nosotros tenemos", finish_reason="length"), id="unfinished"),
        pytest.param(says("ja ", is_endless=True), id="runaway"),
    ],
)
async def test_a_server_that_fails_costs_no_translation(chain: Chain, llm: OpenAiServer, answer: Any) -> None:
    """The next model translates, and Triton is not taken for what failed, however often it happens."""
    llm.answer = answer
    for _ in range(3):
        translations = await asyncio.gather(*(chain.translate() for _ in range(5)))
        assert {translation.model for translation in translations} == {NEURAL}
        assert chain.breakers.state(TRITON) is BreakerState.CLOSED


async def test_a_server_that_hangs_costs_its_timeout_once(chain: Chain, llm: OpenAiServer) -> None:
    """While it rests it is asked last; once it is back it is asked first again."""
    llm.answer = says(is_slow=True)
    assert (await chain.translate()).model == NEURAL
    asked_count = len(llm.requests)
    assert (await chain.translate()).model == NEURAL
    assert len(llm.requests) == asked_count
    llm.answer = translated
    async with asyncio.timeout(60):
        while (await chain.translate()).model != LLM:
            pass


async def test_what_neither_can_do_is_left_to_the_last(chain: Chain, llm: OpenAiServer) -> None:
    """A translator that copies what it does not know is not believed either."""
    llm.answer = says("The committee published the report about the weather.")
    translation = await chain.translate("the committee published the report about the weather")
    assert translation.model == APERTIUM
    assert translation.rejected_models == (LLM, NEURAL)
    assert "informe" in translation.text


async def test_terms_go_through_the_language_model(chain: Chain, llm: OpenAiServer) -> None:
    """As placeholders that it leaves as they are."""
    llm.answer = translated
    translation = await chain.translate("we have three kubectl now", Glossary((Term("kubectl", {"es": "kubectl"}),)))
    assert (translation.text, translation.model) == ("nosotros tenemos tres kubectl ahora", LLM)
    assert "kubectl" not in str(llm.requests[-1]["messages"])


async def test_nobody_waits_for_another_ones_answer(chain: Chain, llm: OpenAiServer) -> None:
    """A text that takes long holds up none that comes after it; many get each their own."""
    llm.answer = lambda body: Reply(is_slow=True) if asked_text(body) == "slow" else translated(body)
    slow = asyncio.create_task(ask(chain, "slow"))
    texts = [f"text {number}" for number in range(60)]
    assert await asyncio.gather(*(ask(chain, text) for text in texts)) == texts
    with pytest.raises(UnavailableError, match="has not answered within 1 s"):
        await slow


async def test_what_is_no_text_is_answered_all_the_same(chain: Chain, llm: OpenAiServer) -> None:
    """Half of a surrogate pair, as a server writes it that cuts between tokens, becomes a question mark."""
    llm.answer = says("tres \ud83d perros")
    assert await ask(chain, SAID) == "tres ? perros"


async def test_a_draft_is_given_up_when_nobody_waits_for_it(chain: Chain, llm: OpenAiServer) -> None:
    """The time that a request may take in Triton's queue is that for its answer, too."""
    llm.answer = says(is_slow=True)
    inputs = {"TEXT": [SAID], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
    with pytest.raises(UnavailableError, match=r"within 0\.2 s"):
        await chain.client.infer(LLM, inputs, timeout_seconds=20, queue_timeout_seconds=0.2)


async def test_requests_at_the_server_are_bounded(chain: Chain, llm: OpenAiServer) -> None:
    """As many as the setting says are there at a time; the others wait for their turn."""
    together, there, counts = threading.Barrier(CONCURRENCY), set[str](), list[int]()

    def answer(body: dict[str, Any]) -> Reply:
        there.add(asked_text(body))
        counts.append(len(there))
        together.wait(timeout=10)  # for all that may be there, so that each number is seen
        there.discard(asked_text(body))
        together.wait(timeout=10)
        return translated(body)

    llm.answer = answer
    texts = [f"text {number}" for number in range(3 * CONCURRENCY)]
    assert await asyncio.gather(*(ask(chain, text) for text in texts)) == texts
    assert max(counts) == CONCURRENCY


async def test_a_pair_that_it_does_not_have_is_refused(chain: Chain, llm: OpenAiServer) -> None:
    """With the languages there are, and without asking the server."""
    asked_count = len(llm.requests)
    with pytest.raises(InvalidArgumentError, match="no pair en-xx; LIVETRANSLATE_LLM_LANGUAGES are: en es"):
        await ask(chain, SAID, "xx")
    assert len(llm.requests) == asked_count


async def test_the_key_is_in_no_configuration(chain: Chain, chain_triton: Triton, llm: OpenAiServer) -> None:
    """It goes to the server and nowhere else: not into what Triton tells of the model, nor its log."""
    llm.answer = translated
    await ask(chain, SAID)
    log = chain_triton.process.log_path
    told = (log.parent / "triton" / "models" / LLM / "config.pbtxt").read_text()
    assert llm.keys[-1] == "Bearer secret"
    assert "language_pairs" in told
    assert "secret" not in told + log.read_text()
