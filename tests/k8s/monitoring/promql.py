"""Reads what a PromQL expression asks for: series, labels, and the values that labels are compared with.

Whether it is valid is for Prometheus to say. This reads valid ones, as far as they are used here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[a-zA-Z_:][\w:]*|\d[\w.]*|=~|!~|!=|\S')
_LISTS_OF_LABELS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = {*_LISTS_OF_LABELS, "and", "or", "unless", "bool", "offset"}
_AFTER_A_FUNCTION = {"(", "by", "without"}
_NAME = re.compile(r"[a-zA-Z_:]")


@dataclass(frozen=True)
class Selector:
    """A series that is asked for, and what its labels are compared with."""

    series: str
    matchers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Expression:
    """What one expression asks for."""

    selectors: list[Selector]
    grouping_labels: frozenset[str]


def parse(text: str) -> Expression:
    """Read an expression."""
    tokens = [*_TOKEN.findall(text), ""]
    selectors: list[Selector] = []
    labels: set[str] = set()
    reader = iter(range(len(tokens) - 1))
    for index in reader:
        word, following = tokens[index], tokens[index + 1]
        if word in _LISTS_OF_LABELS:
            labels.update(_names(tokens, reader))
        elif word == "{":
            selectors[-1].matchers.update(_matchers(tokens, reader))
        elif word == "[":
            _skip(tokens, reader, "]")
        elif _NAME.match(word) and word not in _WORDS and following not in _AFTER_A_FUNCTION:
            selectors.append(Selector(word))
    return Expression(selectors, frozenset(labels))


def _names(tokens: list[str], reader: Iterator[int]) -> list[str]:
    """The labels in the parentheses that follow."""
    return [word for word in _skip(tokens, reader, ")") if _NAME.match(word)]


def _matchers(tokens: list[str], reader: Iterator[int]) -> dict[str, str]:
    """The labels in the braces that follow, with the values that they are compared with."""
    inside = _skip(tokens, reader, "}")
    names = inside[0::4]  # name, operator, value, comma
    values = inside[2::4]
    return dict(zip(names, (value.strip('"') for value in values), strict=True))


def _skip(tokens: list[str], reader: Iterator[int], end: str) -> list[str]:
    """The tokens up to the end."""
    skipped = []
    for index in reader:
        if tokens[index] == end:
            break
        skipped.append(tokens[index])
    return skipped
