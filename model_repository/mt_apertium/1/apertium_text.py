"""Plain text to and from Apertium's stream format."""

import re

RESERVED = re.compile(r"[\\\[\]{}$@<>/]")
# A `^` opens a word. Even escaped, one with nothing translatable after it makes a program wait for ever. A NUL ends
# the text.
UNSENDABLE = str.maketrans("", "", "^\0")
# An empty superblank: the last word is complete, though the text does not end with a full stop.
TEXT_END = "[]\n"


def to_stream(text: str) -> bytes:
    """One text as the first program of a pipeline reads it, up to and with the NUL that flushes."""
    # Lone surrogates are no text; they are replaced rather than refused, like any other letter nobody knows.
    sendable = text.translate(UNSENDABLE)
    return (RESERVED.sub(r"\\\g<0>", sendable) + TEXT_END + "\0").encode("utf-8", errors="replace")


def from_stream(answer: bytes) -> str:
    """The text in what the last program wrote before the NUL."""
    text = answer.decode("utf-8", errors="replace").removesuffix(TEXT_END)
    return re.sub(r"\\(.)", r"\1", text).strip()
