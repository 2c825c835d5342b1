"""Between glossaries and their messages."""

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary import Glossary, Term
from livetranslate.glossary_message import glossary_from_proto, glossary_to_proto
from livetranslate.v1 import types_pb2

TERMS = (Term("hot plate", {"es": "placa caliente"}), Term("LiveTranslate", do_not_translate=True))


def test_a_glossary_goes_through() -> None:
    """In both directions, with all that is known of its terms."""
    assert glossary_from_proto(glossary_to_proto(Glossary(TERMS))) == Glossary(TERMS)


def test_a_glossary_from_outside_is_checked() -> None:
    """What is no term is refused."""
    with pytest.raises(InvalidArgumentError, match="term 1"):
        glossary_from_proto(types_pb2.Glossary(terms=[types_pb2.GlossaryTerm(source="-")]))
