"""Glossaries as files, as translators keep them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.glossary_file import MAX_FILE_BYTES, terms_of_file
from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary import MAX_TERMS, Term
from livetranslate.v1 import gateway_pb2

TSV = gateway_pb2.GLOSSARY_FORMAT_TSV
TBX = gateway_pb2.GLOSSARY_FORMAT_TBX

DCA = """<?xml version='1.0'?>
<!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en"><text><body>
  <termEntry id="c1">
    <descrip type="subjectField">kitchens</descrip>
    <langSet xml:lang="en"><tig><term>hot <hi>plate</hi></term></tig><tig><term>hob</term></tig></langSet>
    <langSet xml:lang="es">
      <tig><term>hornilla</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig>
      <tig><term>placa</term></tig>
      <tig><term>placa caliente</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>
    </langSet>
    <langSet xml:lang="fr"><ntig><termGrp><term>plaque</term></termGrp></ntig></langSet>
  </termEntry>
</body></text></martif>"""

DCT = """<?xml version="1.0" encoding="UTF-8"?>
<tbx type="TBX-Basic" style="dct" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
     xmlns:min="http://www.tbxinfo.net/ns/min"><text><body>
  <conceptEntry id="c1">
    <langSec xml:lang="en-GB"><termSec><term>hot plate</term></termSec></langSec>
    <langSec xml:lang="es">
      <termSec><term>hornilla</term><min:administrativeStatus>supersededTerm-admn-sts</min:administrativeStatus></termSec>
    </langSec>
    <langSec xml:lang="de"><termSec><term>Kochplatte</term></termSec></langSec>
  </conceptEntry>
  <conceptEntry id="c2"><langSec xml:lang="en"><termSec><term>Hot plate</term></termSec></langSec></conceptEntry>
</body></text></tbx>"""


def terms(
    content: str | bytes, file_format: "gateway_pb2.GlossaryFormat.ValueType" = TSV, spoken: str = "en"
) -> list[Term]:
    """The terms of a file, for speech in some languages."""
    encoded = content.encode() if isinstance(content, str) else content
    return terms_of_file(gateway_pb2.GlossaryFile(format=file_format, content=encoded), spoken.split())


def test_a_table_has_a_column_for_each_language() -> None:
    """Empty fields are left to the engine, `=` keeps the term; comments, empty lines and a BOM do not matter."""
    table = "\ufeff# of the kitchen\nen\tes\tfr\r\n\nhot  plate\tplaca caliente\t\r\nTriton\t=\t=\nhob\n"
    assert terms(table) == [
        Term("hot plate", {"es": "placa caliente"}),
        Term("Triton", {"es": "Triton", "fr": "Triton"}),
        Term("hob"),
    ]


FIELD = st.text(string.ascii_letters + "äßñ漢字-'&<", min_size=1, max_size=12)
TARGETS = st.lists(st.sampled_from(["es", "fr", "pt-BR", "zh-Hant-TW"]), unique=True)


@given(st.data(), TARGETS, st.lists(FIELD, unique_by=str.casefold, max_size=20))
def test_what_is_written_as_a_table_is_read_from_it(
    data: st.DataObject, targets: list[str], sources: list[str]
) -> None:
    """Whatever the terms are, and however many of them are translated."""
    translations = st.dictionaries(st.sampled_from(targets), FIELD) if targets else st.just({})
    expected = [Term(source, data.draw(translations)) for source in sources]
    rows = [[term.source, *(term.translations.get(language, "") for language in targets)] for term in expected]
    table = "".join("\t".join(row) + "\n" for row in [["en", *targets], *rows])
    assert terms(table) == expected


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "Line 1 must name the languages"),
        ("hot plate\tplaca\n", "Line 1 must name the languages.*'hot plate' is none"),
        ("\n#\nen\tes\ten\n", "Line 3 names a language twice"),
        ("en\tes\nhob\tplaca\tplaque\n", "Line 2 has 3 fields, and there are 2 languages"),
        ("en\tes\nhob\tplaca\n\nHob\t=\n", "Line 4 has the term of line 2 again"),
        (f"en\tes\n{'x' * 101}\tplaca\n", "Line 2 has a term of 101 characters; at most 100"),
        (f"en\tes\nhob\t{'x' * 201}\n", "Line 2 has a term of 201 characters; at most 200"),
        ("de\tes\nHerd\tplaca\n", "Its terms are of de, and what is spoken is en"),
        (b"en\tes\nhob\tcoc\xf3n\n", "Line 2 is not UTF-8"),
        ("en\n" + "".join(f"word{number}\n" for number in range(MAX_TERMS + 1)), "Line 1002 is its term 1,001"),
    ],
)
def test_a_table_with_a_mistake_is_refused_by_its_line(table: str | bytes, message: str) -> None:
    """Whoever wrote it finds the place."""
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        terms(table)
    assert caught.value.reason == "GLOSSARY_FILE_INVALID"


def test_a_concept_is_understood_by_all_its_terms_and_written_by_one() -> None:
    """The preferred one, else the first that is not deprecated; marks within a term do not matter."""
    written = {"es": "placa caliente", "fr": "plaque"}
    assert terms(DCA, TBX) == [Term("hot plate", written), Term("hob", written)]


def test_both_styles_of_tbx_are_read() -> None:
    """A concept whose terms in a language are all deprecated leaves it to the engine; the first of two terms counts."""
    assert terms(DCT, TBX) == [Term("hot plate", {"de": "Kochplatte"})]


def test_an_entry_within_an_entry_is_none() -> None:
    """However deep a file goes, reading it takes as long as the file is."""
    inner = '<termEntry><langSet xml:lang="en"><tig><term>hob</term></tig></langSet></termEntry>'
    outer = (
        f'<martif><termEntry><langSet xml:lang="en"><tig><term>pot</term>{inner}</tig></langSet></termEntry></martif>'
    )
    assert terms(outer, TBX) == [Term("pot")]


def test_a_concept_has_not_too_many_languages() -> None:
    """It would be repeated for each of its terms: the first one is refused."""
    languages = "".join(f'<langSet xml:lang="x-{n}"><tig><term>plat</term></tig></langSet>' for n in range(65))
    entry = f'<termEntry><langSet xml:lang="en"><tig><term>hob</term></tig></langSet>{languages}</termEntry>'
    with pytest.raises(InvalidArgumentError, match="Entry 1 has more than 64 translations"):
        terms(f"<martif>{entry}</martif>", TBX)


def test_each_language_that_may_be_spoken_has_its_terms() -> None:
    """With the others as translations."""
    found = {term.source: dict(term.translations) for term in terms(DCT, TBX, "de en")}
    assert found == {"hot plate": {"de": "Kochplatte"}, "Kochplatte": {"en-GB": "hot plate"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<tbx>", "not well-formed XML.*line 1"),
        ('<?xml version="1.0" encoding="klingon"?><tbx/>', "not well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><tbx>&b;</tbx>', "declares entities"),
        ("<tbx/>", "no entries"),
        ('<termEntry><langSet xml:lang="de"><tig/></langSet></termEntry>', "Its terms are of de"),
        ("<termEntry><langSet><tig><term>hob</term></tig></langSet></termEntry>", "Its terms are of no language"),
    ],
)
def test_what_is_no_such_file_is_refused(content: str, message: str) -> None:
    """The message says what is wrong with it."""
    with pytest.raises(InvalidArgumentError, match=message):
        terms(content, TBX)


def test_which_terms_are_spoken_has_to_be_known() -> None:
    """A table says it itself; of concepts the session must."""
    assert terms("en\nhob\n", TSV, "") == [Term("hob")]
    with pytest.raises(InvalidArgumentError, match="candidate_language_codes"):
        terms(DCT, TBX, "")


def test_a_format_must_be_said() -> None:
    """It is not guessed."""
    with pytest.raises(InvalidArgumentError, match="TSV or TBX"):
        terms("en\n", gateway_pb2.GLOSSARY_FORMAT_UNSPECIFIED)


def test_a_file_has_a_size() -> None:
    """More than a megabyte is not looked at."""
    with pytest.raises(InvalidArgumentError, match="at most 1,048,576"):
        terms(b"\n" * (MAX_FILE_BYTES + 1))
