"""The settings of the language model: environment variables, for a model's configuration would show its API key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

PREFIX: Final = "LIVETRANSLATE_LLM_"
LANGUAGES: Final = "en es fr de it pt nl vi zh ja ko ru ar hi"
MOST_LANGUAGES: Final = 40  # 1,560 pairs: what a service reads at its start, and shows in lists


class LlmSettingsError(ValueError):
    """A setting is missing or wrong; the message names it and says what would be valid."""


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which server is asked, and how.

    Attributes:
        url: Where its API begins, e.g. http://127.0.0.1:8000/v1.
        model: The model's name, as the server knows it.
        api_key: What the server knows us by; may be empty.
        languages: Each is translated into each other one.
        timeout_seconds: How long a whole translation may take: the next model of the chain has to have its time, too.
        concurrency: Requests at the server at a time; further ones wait in Triton.
        options: What else stands in each request, e.g. what turns off a model's thinking.
    """

    url: str
    model: str
    api_key: str
    languages: tuple[str, ...]
    timeout_seconds: float
    concurrency: int
    options: Mapping[str, Any]

    @property
    def language_pairs(self) -> list[str]:
        """All pairs, as models name them."""
        return [f"{source}-{target}" for source in self.languages for target in self.languages if source != target]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read and check all variables.

        Raises:
            LlmSettingsError: One is missing or wrong.
        """
        given = {
            name.removeprefix(PREFIX): value.strip()
            for name, value in environment.items()
            if name.startswith(PREFIX)  # `API_KEY` may be another program's secret
        }
        return cls(
            url=_url(given.get("URL", "")),
            model=_model(given.get("MODEL", "")),
            api_key=given.get("API_KEY", ""),
            languages=_languages(given.get("LANGUAGES", "") or LANGUAGES),
            timeout_seconds=_number("TIMEOUT_SECONDS", given.get("TIMEOUT_SECONDS", "") or "4", 0.1, 60),
            concurrency=int(_number("CONCURRENCY", given.get("CONCURRENCY", "") or "32", 1, 1024)),
            options=_options(given.get("OPTIONS", "") or "{}"),
        )


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.hostname:
        return text
    example = "such as http://127.0.0.1:8000/v1 (vLLM)"
    # The value is not repeated: a URL may have a password in it.
    wrong = f"{PREFIX}URL does not begin with http:// or https:// and a host: set it" if text else f"set {PREFIX}URL"
    raise LlmSettingsError(f"{wrong} to the address of a server that speaks OpenAI's protocol, {example}")


def _model(text: str) -> str:
    if not text:
        raise LlmSettingsError(f"set {PREFIX}MODEL to the name of the server's model: its /v1/models lists them")
    return text


def _languages(text: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(text.split()))
    if not 2 <= len(languages) <= MOST_LANGUAGES or not all(code.isascii() and code.isalpha() for code in languages):
        message = f"{PREFIX}LANGUAGES={text!r}: name 2 to {MOST_LANGUAGES} languages without regions, e.g. 'en es fr'"
        raise LlmSettingsError(message)
    return languages


def _number(name: str, text: str, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        raise LlmSettingsError(f"{PREFIX}{name}={text!r}: set it to a number from {least:g} to {most:g}")
    return number


def _options(text: str) -> Mapping[str, Any]:
    try:
        options = json.loads(text)
    except ValueError:
        options = None
    if not isinstance(options, dict):
        example = '{"chat_template_kwargs": {"enable_thinking": false}}'
        raise LlmSettingsError(f"{PREFIX}OPTIONS: set it to a JSON object, e.g. {example}")
    return options
