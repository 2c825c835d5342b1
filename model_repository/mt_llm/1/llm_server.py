"""Asks a server that speaks OpenAI's chat protocol, and says in few words what goes wrong with it.

No message repeats what the server says: it may quote what was spoken.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import openai
from llm_answer import Answer, AnswerError
from llm_prompt import messages
from llm_settings import LlmSettings

from livetranslate.engine.batch import AwayError

CONNECT_SECONDS: Final = 2.0  # a server that is there takes a connection at once
SEED: Final = 0  # the same text is to come out the same
TOKENS_PER_CHARACTER: Final = 2  # of the source: rare scripts take a token for each byte
LEAST_TOKENS: Final = 64
CUT: Final = ("length", "content_filter")
THINKING: Final = "; it thinks before it answers: turn that off with LIVETRANSLATE_LLM_OPTIONS"
STATUSES: Final = {
    401: "does not accept LIVETRANSLATE_LLM_API_KEY",
    403: "does not accept LIVETRANSLATE_LLM_API_KEY",
    404: "knows no such model, or has no such address: check LIVETRANSLATE_LLM_MODEL and LIVETRANSLATE_LLM_URL",
    429: "has more requests than it takes",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A translation to ask for.

    Attributes:
        text: What to translate.
        source: Its language.
        target: Into which language.
        context: What was said before, oldest first.
        timeout_seconds: How long somebody waits for it; 0 where nothing is known of it.
    """

    text: str
    source: str
    target: str
    context: Sequence[str] = ()
    timeout_seconds: float = 0.0


class LlmServer:
    """The server behind one URL. Its connections are kept: call it on one event loop."""

    def __init__(self, settings: LlmSettings) -> None:
        """Connect when first asked."""
        self._settings = settings
        self._client = openai.AsyncOpenAI(
            base_url=settings.url,
            api_key=settings.api_key or "none",
            timeout=openai.Timeout(settings.timeout_seconds, connect=CONNECT_SECONDS),
            max_retries=0,  # the chain has other models
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def translate(self, asked: Asked) -> str:
        """The translation of a text.

        Raises:
            AwayError: The server does not do its part.
            AnswerError: What it says is no translation.
        """
        answer = Answer(asked.text, asked.target)
        seconds = min(self._settings.timeout_seconds, asked.timeout_seconds or self._settings.timeout_seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._read(asked, answer)
        except (TimeoutError, openai.APITimeoutError):
            hint = THINKING if answer.has_thought else ""
            raise AwayError(f"the language model has not answered within {seconds:g} s{hint}") from None
        except openai.APIStatusError as error:
            says = STATUSES.get(error.status_code, f"answers with HTTP status {error.status_code}")
            raise AwayError(f"the language model's server {says}") from None
        except openai.APIConnectionError:
            raise AwayError("the language model's server cannot be reached, or has broken off") from None
        except openai.APIError:
            raise AwayError("the language model's server has failed while it answered") from None
        except (ValueError, AttributeError, TypeError, IndexError):
            raise AwayError("the language model's server does not answer as OpenAI's protocol has it") from None

    async def _read(self, asked: Asked, answer: Answer) -> str:
        finish_reason = None
        async with await self._request(asked) as stream:
            async for chunk in stream:
                for choice in chunk.choices or ():
                    answer.has_thought |= _has_thought(choice.delta)
                    answer.add(choice.delta.content or "")
                    finish_reason = choice.finish_reason or finish_reason
                if answer.is_whole:
                    return answer.translation()  # what is still said is not waited for
        if finish_reason is None:
            raise AwayError("the language model's server has broken off in the middle of an answer")
        if finish_reason in CUT:
            raise AnswerError("the language model has not finished" + (THINKING if answer.has_thought else ""))
        return answer.translation()

    async def _request(self, asked: Asked) -> Any:
        return await self._client.chat.completions.create(
            model=self._settings.model,
            messages=messages(asked.text, asked.source, asked.target, asked.context),
            stream=True,
            temperature=0,
            seed=SEED,
            max_tokens=LEAST_TOKENS + TOKENS_PER_CHARACTER * len(asked.text),
            extra_body=dict(self._settings.options),
        )


def _has_thought(delta: Any) -> bool:
    """Whether a piece is of what servers keep apart from the answer, under either name."""
    return bool(getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None))
