import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from livetranslate.engine.batch import AwayError
from tests.model_repository.loading import load_sibling
from tests.openai_server import OpenAiServer, Reply, openai_server, says

llm_answer = load_sibling("mt_llm", "llm_answer")
llm_server = load_sibling("mt_llm", "llm_server")
llm_settings = load_sibling("mt_llm", "llm_settings")

ASKED = llm_server.Asked("we have three options", "en", "es", ("good morning",))
GOOD = "Tenemos tres opciones"
SPOKEN = b'{"error": {"message": "bad prompt: we have three options"}}'


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    with openai_server(says("Tenemos", " tres ", "opciones")) as server:
        yield server


@asynccontextmanager
async def connected(url: str, **settings: str) -> AsyncIterator[Any]:
    given = {"URL": url, "MODEL": "some-model", **settings}
    read = llm_settings.LlmSettings.read({f"LIVETRANSLATE_LLM_{name}": value for name, value in given.items()})
    llm = llm_server.LlmServer(read)
    yield llm
    await llm.close()


async def failure_of(url: str, asked: Any = ASKED, **settings: str) -> Exception:
    async with connected(url, **settings) as llm:
        with pytest.raises((AwayError, llm_answer.AnswerError)) as raised:
            await llm.translate(asked)
    assert "options" not in str(raised.value).lower().replace("llm_options", "")  # what was said is in no error
    failure: Exception = raised.value
    return failure


async def test_a_translation_is_asked_for(server: OpenAiServer) -> None:
    """The same words for the same text: no chance is left to the model."""
    async with connected(server.url, API_KEY="secret", OPTIONS='{"chat_template_kwargs": {"a": 1}}') as llm:
        assert await llm.translate(ASKED) == GOOD
    (request,) = server.requests
    assert request["messages"][1]["content"].endswith("<text>we have three options</text>")
    assert "good morning" in request["messages"][1]["content"]
    assert (request["model"], request["temperature"], request["seed"], request["stream"]) == ("some-model", 0, 0, True)
    assert request["max_tokens"] == 64 + 2 * len(ASKED.text)
    assert request["chat_template_kwargs"] == {"a": 1}
    assert server.keys == ["Bearer secret"]


async def test_texts_are_translated_side_by_side(server: OpenAiServer) -> None:
    """Each gets its own answer, also when another one's never comes."""
    server.answer = lambda body: Reply((body["messages"][1]["content"][6:-7].upper(),), is_slow="slow" in str(body))
    async with connected(server.url) as llm:
        slow = asyncio.create_task(llm.translate(llm_server.Asked("slow", "en", "es")))
        texts = [f"text {number}" for number in range(30)]
        answers = await asyncio.gather(*(llm.translate(llm_server.Asked(text, "en", "es")) for text in texts))
        assert answers == [text.upper() for text in texts]
        slow.cancel()
        await asyncio.wait([slow])


@pytest.mark.parametrize("pieces", [("ja ",), ("Of course:\n",)])
async def test_a_runaway_is_left(server: OpenAiServer, pieces: tuple[str, ...]) -> None:
    """The connection is closed long before the model ends, so that the server stops, too."""
    server.answer = says(*pieces, is_endless=True)
    assert "does not stop" in str(await failure_of(server.url))
    assert await asyncio.to_thread(server.left.wait, 10)


async def test_remarks_are_not_waited_for(server: OpenAiServer) -> None:
    """Once the line of the translation has ended, it is there."""
    server.answer = says(GOOD, "\n\nNote", is_slow=True)
    async with connected(server.url) as llm:
        assert await llm.translate(ASKED) == GOOD


Answer = Callable[[dict[str, Any]], Reply]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(says(status=429, raw=SPOKEN), "more requests than it takes", id="full"),
        pytest.param(says(status=500, raw=SPOKEN), "HTTP status 500", id="broken"),
        pytest.param(says(status=400, raw=SPOKEN), "HTTP status 400", id="refused"),
        pytest.param(says(status=401, raw=SPOKEN), "LIVETRANSLATE_LLM_API_KEY", id="wrong-key"),
        pytest.param(says(status=404, raw=SPOKEN), "LIVETRANSLATE_LLM_MODEL", id="wrong-model"),
        pytest.param(says("Tenemos", finish_reason=None), "broken off in the middle", id="cut"),
        pytest.param(says("Tenemos", finish_reason=None, is_torn=True), "or has broken off", id="torn"),
        pytest.param(says(raw=b"<html>we have three options</html>"), "broken off", id="page"),
        pytest.param(says(raw=b"data: we have three options\n\n"), "does not answer as", id="garbage"),
        pytest.param(says(raw=b'data: {"choices": [{"delta": 5}]}\n\n'), "does not answer as", id="other-json"),
        pytest.param(says(raw=b"data: [1, 2]\n\n"), "does not answer as", id="list"),
        pytest.param(says(raw=b"data: " + SPOKEN + b"\n\n"), "failed while it answered", id="error-event"),
        pytest.param(says(raw=b"\xff\xfe\x00"), "does not answer as", id="bytes"),
        pytest.param(says("Tenemos", is_slow=True), "not answered within 0.5 s", id="slow"),
        pytest.param(says(thoughts=("Hm.",), is_slow=True), "0.5 s; it thinks .*LLM_OPTIONS", id="thinking"),
        pytest.param(says("<think>Hm.", is_slow=True), "0.5 s; it thinks .*LLM_OPTIONS", id="thinking-aloud"),
    ],
)
async def test_a_server_that_fails_is_away(server: OpenAiServer, answer: Answer, reason: str) -> None:
    """So that the next model is asked; the reason says what to do, and nothing of what was said."""
    server.answer = answer
    failure = await failure_of(server.url, TIMEOUT_SECONDS="0.5")
    assert isinstance(failure, AwayError)
    with pytest.raises(AwayError, match=reason):
        raise failure


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(says("Tenemos tres", finish_reason="length"), "not finished$", id="length"),
        pytest.param(says("Tenemos", finish_reason="content_filter"), "not finished$", id="filter"),
        pytest.param(says(thoughts=("Hm.",), finish_reason="length"), "not finished; it thinks", id="thinking"),
        pytest.param(says("Here is the translation:"), "without a translation", id="chatty"),
        pytest.param(says(), "without a translation", id="silent"),
    ],
)
async def test_what_is_no_translation_is_an_error(server: OpenAiServer, answer: Answer, reason: str) -> None:
    """Half a translation is worse than none."""
    server.answer = answer
    failure = await failure_of(server.url)
    with pytest.raises(llm_answer.AnswerError, match=reason):
        raise failure


async def test_nobody_there_is_away() -> None:
    """A server that has stopped is known at once."""
    with openai_server(says()) as stopped:
        pass
    assert "cannot be reached" in str(await failure_of(stopped.url))


async def test_nothing_is_done_for_longer_than_somebody_waits(server: OpenAiServer) -> None:
    """A draft is worth nothing a second later."""
    server.answer = says("Tenemos", is_slow=True)
    asked = llm_server.Asked("we have three options", "en", "es", (), 0.2)
    assert "within 0.2 s" in str(await failure_of(server.url, asked))


async def test_a_server_that_is_back_is_used_again(server: OpenAiServer) -> None:
    """A failure leaves nothing behind."""
    server.answer = says(status=500)
    async with connected(server.url) as llm:
        with pytest.raises(AwayError):
            await llm.translate(ASKED)
        server.answer = says(GOOD)
        assert await llm.translate(ASKED) == GOOD
