"""A prompt as phrases that are likely to be said.

OpenAI's prompts are texts that come before the audio, and people write names and terms into them. Recognizers here take
phrases: what stands between commas, semicolons and line breaks, where it is short. Sentences are passed over.
"""

import re
from collections.abc import Iterable, Iterator

from livetranslate.glossary import MAX_SOURCE_CHARACTERS, MAX_TERMS
from livetranslate.v1 import types_pb2

_BETWEEN_PHRASES = re.compile(r"[,;:\n\u3001\uff0c]")
_MAX_WORDS = 4  # names and terms are not longer, and what is said otherwise is a sentence


def terms_of(prompt: str, keywords: Iterable[str]) -> list[types_pb2.GlossaryTerm]:
    """The terms of a session, each once: keywords as they are, and what is a phrase of the prompt."""
    terms: dict[str, types_pb2.GlossaryTerm] = {}
    for phrase in (*keywords, *_phrases(prompt)):
        source = " ".join(phrase.split())
        if any(letter.isalnum() for letter in source):
            terms.setdefault(source.casefold(), types_pb2.GlossaryTerm(source=source))
    return list(terms.values())


def _phrases(prompt: str) -> Iterator[str]:
    for part in _BETWEEN_PHRASES.split(prompt)[:MAX_TERMS]:
        phrase = part.strip().rstrip(".!?\u3002")
        if len(phrase.split()) <= _MAX_WORDS and len(phrase) <= MAX_SOURCE_CHARACTERS:
            yield phrase
