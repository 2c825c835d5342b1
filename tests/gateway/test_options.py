"""What holds for a whole session."""

from typing import Any

import pytest

from gateway.options import SessionOptions
from gateway.telling import Telling
from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary import Glossary, Term
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import duration_of_seconds

TERM = types_pb2.GlossaryTerm(source="hot plate", translations={"es": "placa caliente"})
ENDPOINTING = types_pb2.EndpointingOptions(start_threshold=0.75, stop_duration=duration_of_seconds(1))


def config(**fields: Any) -> gateway_pb2.SessionConfig:
    return gateway_pb2.SessionConfig(**({"source_language_code": "en"} | fields))


def file(content: str) -> gateway_pb2.GlossaryFile:
    return gateway_pb2.GlossaryFile(format=gateway_pb2.GLOSSARY_FORMAT_TSV, content=content.encode())


def test_nothing_wished_means_the_defaults() -> None:
    """And nothing stored means so, too: sessions of older versions have no options."""
    assert SessionOptions.of(config()) == SessionOptions.from_bytes(b"") == SessionOptions()


def test_options_are_stored_and_read() -> None:
    """All of them, and nothing else of the configuration."""
    options = SessionOptions.of(
        config(
            source_language_code="auto",
            title="Keynote",
            candidate_language_codes=["en", "de"],
            endpointing=ENDPOINTING,
            committed_only=True,
            partial_interval=duration_of_seconds(0.5),
            glossary=types_pb2.Glossary(terms=[TERM]),
            glossary_file=file("de\tes\nHerd\tcocina\n"),
            voice_cloning_consent=True,
        )
    )
    terms = (Term("hot plate", {"es": "placa caliente"}), Term("Herd", {"es": "cocina"}))
    assert options == SessionOptions(
        ("en", "de"), ENDPOINTING, Telling(True, 8_000), Glossary(terms), voice_cloning_consent=True
    )
    assert SessionOptions.from_bytes(options.to_bytes()) == options
    stored = gateway_pb2.SessionConfig.FromString(options.to_bytes())
    assert (stored.title, stored.source_language_code) == ("", "")


def test_a_glossary_file_is_for_what_is_spoken() -> None:
    """Where that is found out, for what may be."""
    table = file("en\tes\nhob\tplaca\n")
    for source, candidates in (("en-GB", []), ("auto", ["de", "en"]), ("auto", [])):
        found = SessionOptions.of(
            config(source_language_code=source, candidate_language_codes=candidates, glossary_file=table)
        )
        assert found.glossary == Glossary((Term("hob", {"es": "placa"}),))
    with pytest.raises(InvalidArgumentError, match="terms are of en, and what is spoken is de"):
        SessionOptions.of(config(source_language_code="de", glossary_file=table))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"endpointing": types_pb2.EndpointingOptions(start_threshold=2)}, "ENDPOINTING_INVALID"),
        ({"partial_interval": duration_of_seconds(-1)}, "PARTIAL_INTERVAL_INVALID"),
        ({"partial_interval": duration_of_seconds(61)}, "PARTIAL_INTERVAL_INVALID"),
        ({"glossary": types_pb2.Glossary(terms=[types_pb2.GlossaryTerm()])}, "TERM_INVALID"),
        ({"glossary": types_pb2.Glossary(terms=[TERM, TERM])}, "TERM_REPEATED"),
        ({"glossary": types_pb2.Glossary(terms=[TERM]), "glossary_file": file("en\nHot plate\n")}, "TERM_REPEATED"),
        ({"glossary_file": gateway_pb2.GlossaryFile()}, "GLOSSARY_FILE_INVALID"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], reason: str) -> None:
    """Before anything is opened."""
    with pytest.raises(InvalidArgumentError) as caught:
        SessionOptions.of(config(**fields))
    assert caught.value.reason == reason


def test_terms_are_counted_before_they_are_read() -> None:
    """What is too much is refused at once, and the first mistake in it is not looked for."""
    terms = [types_pb2.GlossaryTerm()] * 1001
    with pytest.raises(InvalidArgumentError, match="1,001 terms; at most 1,000"):
        SessionOptions.of(config(glossary=types_pb2.Glossary(terms=terms)))
