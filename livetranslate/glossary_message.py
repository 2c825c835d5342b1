"""Between glossaries and their messages."""

from livetranslate.glossary import Glossary, Term, check_term_count, checked_glossary
from livetranslate.v1 import types_pb2


def terms_from_proto(message: types_pb2.Glossary) -> list[Term]:
    """The terms of a message, as they come.

    Raises:
        InvalidArgumentError: There are too many.
    """
    check_term_count(len(message.terms))
    return [Term(term.source, dict(term.translations), term.do_not_translate) for term in message.terms]


def glossary_from_proto(message: types_pb2.Glossary) -> Glossary:
    """A glossary that comes from outside.

    Raises:
        InvalidArgumentError: There are too many terms, or one is too long, is empty or comes twice.
    """
    return checked_glossary(terms_from_proto(message))


def glossary_to_proto(glossary: Glossary) -> types_pb2.Glossary:
    """A glossary for a service, or for the store."""
    return types_pb2.Glossary(
        terms=[
            types_pb2.GlossaryTerm(
                source=term.source, translations=term.translations, do_not_translate=term.do_not_translate
            )
            for term in glossary.terms
        ]
    )
