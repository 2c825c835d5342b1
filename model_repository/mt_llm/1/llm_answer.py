"""A language model's answer as it comes in: the line that is the translation, without what it says around it."""

import re
from typing import Final

from llm_prompt import language_name

# A translation into Latin letters has up to four characters for one of Chinese. What is longer does not end.
_GROWTH: Final = 6
_LEAST_CHARACTERS: Final = 80
_AROUND_CHARACTERS: Final = 400  # "Certainly! Here is the translation of the text into Spanish:"
_THOUGHT_CHARACTERS: Final = 10_000  # the time for the answer ends it sooner
_QUOTES: Final = ('""', "''", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019", "\u00ab\u00bb", "\u300c\u300d")
_OPENINGS: Final = tuple(pair[0] for pair in _QUOTES)
_THOUGHT: Final = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


class AnswerError(RuntimeError):
    """The answer is no translation; the message says why, and nothing of what it says."""


class Answer:
    """Grows piece by piece, and is read no further than needed."""

    def __init__(self, source: str, target: str) -> None:
        """Begin with nothing.

        Args:
            source: What is translated.
            target: The language into which it is translated.
        """
        self._source = source.strip()
        self._most_characters = max(_LEAST_CHARACTERS, _GROWTH * len(self._source))
        name = re.escape(language_name(target))
        self._label = re.compile(rf"\**(translation|{name})\**\s*[:\uff1a]\s*\**\s*", re.IGNORECASE)
        self._text = ""
        self.has_thought = False

    def add(self, piece: str) -> None:
        """Take what came.

        Raises:
            AnswerError: It does not end.
        """
        self._text = _THOUGHT.sub("", self._text + piece, count=1)
        self.has_thought |= self._is_thinking
        around = _THOUGHT_CHARACTERS if self._is_thinking else _AROUND_CHARACTERS
        if len(self._line()[0]) > self._most_characters or len(self._text) > self._most_characters + around:
            raise AnswerError("the language model does not stop")

    @property
    def is_whole(self) -> bool:
        """Whether the translation is there; what may follow are remarks."""
        return self._line()[1]

    def translation(self) -> str:
        """The translation, once the answer has ended or is whole.

        Raises:
            AnswerError: There is none.
        """
        line = self._unwrapped(self._line()[0])
        if not line:
            raise AnswerError("the language model has answered without a translation")
        return line

    @property
    def _is_thinking(self) -> bool:
        return self._text.lstrip().startswith("<think>")

    def _line(self) -> tuple[str, bool]:
        """The first line that announces nothing, and whether it has ended."""
        if self._is_thinking:
            return "", False
        *ended, last = self._text.lstrip().split("\n")
        for line in ended:
            if line.strip() and not self._announces(line):
                return line, True
        return ("" if self._announces(last) else last), False

    def _announces(self, line: str) -> bool:
        """Whether a line only says that something comes after it."""
        bare = line.strip().strip("*_#").strip()
        return bare.startswith("```") or (bare.endswith((":", "\uff1a")) and not self._source.endswith((":", "\uff1a")))

    def _unwrapped(self, line: str) -> str:
        """A line without tags, label, emphasis and quotation marks that the source does not have."""
        text = line.strip().removeprefix("<text>").removesuffix("</text>").strip()
        label = self._label.match(text)
        if label and not self._label.match(self._source):
            text = text[label.end() :]
        text = text.strip("*") if text.startswith("**") and text.endswith("**") else text
        for opening, closing in _QUOTES:
            inside = text[1:-1]
            is_quoted = text.startswith(opening) and text.endswith(closing) and not {opening, closing} & set(inside)
            if is_quoted and not self._source.startswith(_OPENINGS):
                return inside.strip()
        return text
