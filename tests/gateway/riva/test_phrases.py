"""Riva's phrases as terms."""

from riva.client.proto import riva_asr_pb2

from gateway.riva.phrases import kept_terms, session_terms
from livetranslate.glossary_message import glossary_from_proto
from livetranslate.v1 import types_pb2

Term = types_pb2.GlossaryTerm


def context(*phrases: str, boost: float = 4.0) -> riva_asr_pb2.SpeechContext:
    return riva_asr_pb2.SpeechContext(phrases=phrases, boost=boost)


def test_phrases_come_alone_or_as_one_string() -> None:
    """With a translation behind "##", or none."""
    apart = list(kept_terms(["Riva", "Triton##Tritón", "NeMo##"], "es"))
    assert apart == list(kept_terms(["Riva, Triton##Tritón ,NeMo##,"], "es"))
    assert apart == [
        Term(source="Riva", do_not_translate=True),
        Term(source="Triton", translations={"es": "Tritón"}),
        Term(source="NeMo", do_not_translate=True),
    ]


def test_a_phrase_counts_once() -> None:
    """What is to be kept comes before what is likely; case and spaces make no difference."""
    terms = session_terms(["Big  Ben"], "es", [context("big ben", "London", "london")])
    assert terms == [Term(source="Big  Ben", do_not_translate=True), Term(source="London")]
    assert glossary_from_proto(types_pb2.Glossary(terms=terms)).phrases() == ("Big Ben", "London")


def test_what_is_no_word_is_left_out() -> None:
    """Empty phrases, marks alone, and phrases that are to be heard less."""
    assert session_terms([",", "##x"], "es", [context("", "..."), context("quiet", boost=-2.0)]) == []
