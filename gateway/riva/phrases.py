"""Phrases of Riva's requests as terms of a glossary: those that are likely to be said, and those to be kept."""

from collections.abc import Iterable, Iterator

from riva.client.proto import riva_asr_pb2

from livetranslate.v1 import types_pb2

_BETWEEN_PHRASES = ","  # Riva's own client sends all phrases as one string
_BEFORE_TRANSLATION = "##"


def session_terms(
    kept: Iterable[str], target: str, contexts: "Iterable[riva_asr_pb2.SpeechContext]"
) -> list[types_pb2.GlossaryTerm]:
    """The terms of a session, each once: those to be kept first, for they say more."""
    likely = (phrase for context in contexts if context.boost >= 0 for phrase in context.phrases)
    terms: dict[str, types_pb2.GlossaryTerm] = {}
    for term in (*kept_terms(kept, target), *(types_pb2.GlossaryTerm(source=phrase) for phrase in likely)):
        if any(letter.isalnum() for letter in term.source):
            terms.setdefault(_key(term.source), term)
    return list(terms.values())


def kept_terms(phrases: Iterable[str], target: str) -> Iterator[types_pb2.GlossaryTerm]:
    """Phrases that are not to be translated, or, behind "##", to be translated so."""
    for phrase in (phrase for joined in phrases for phrase in joined.split(_BETWEEN_PHRASES)):
        source, _, translation = (part.strip() for part in phrase.partition(_BEFORE_TRANSLATION))
        if translation:
            yield types_pb2.GlossaryTerm(source=source, translations={target: translation})
        elif source:
            yield types_pb2.GlossaryTerm(source=source, do_not_translate=True)


def _key(source: str) -> str:
    return " ".join(source.casefold().split())
