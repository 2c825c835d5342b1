"""Plain text to and from Apertium's stream format."""

import re

RESERVED = re.compile(r"[\\\[\]{}$@<>/]")
# A `^` opens a word. Even escaped, one with nothing translatable after it makes a program wait for ever. A NUL flushes.
UNSENDABLE = str.maketrans("", "", "^\0")


def to_stream(text: str) -> bytes:
    """One text as the first program of a pipeline reads it."""
    # Lone surrogates are no text; they are replaced rather than refused, like any other letter nobody knows.
    sendable = text.translate(UNSENDABLE)
    return RESERVED.sub(r"\\\g<0>", sendable).encode("utf-8", errors="replace")


def from_stream(answer: bytes) -> str:
    """The text in what the last program of a pipeline wrote; words that came to nothing leave no double spaces."""
    return " ".join(re.sub(r"\\(.)", r"\1", answer.decode("utf-8", errors="replace")).split())
