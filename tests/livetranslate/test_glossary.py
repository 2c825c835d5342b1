"""Terms, and where they stand in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary import MAX_TERMS, Glossary, Term, checked_glossary
from livetranslate.glossary_message import glossary_from_proto, glossary_to_proto

WORDS = st.sampled_from(["new", "York", "times", "C++", "GPT-4", "O'Hara", "東京", "हिन्दी", "ß"])
SOURCES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


def found(sources: list[str], text: str) -> list[str]:
    """What `find` finds."""
    glossary = checked_glossary(Term(source) for source in sources)
    return [text[start:end] for start, end, _ in glossary.find(text)]


@pytest.mark.parametrize(
    ("sources", "text", "expected"),
    [
        (["hot plate"], "The HOT\n plate is hot.", ["HOT\n plate"]),
        (["plate"], "plates, template, plate-like", ["plate"]),
        (["New York", "New York Times"], "new york, the New York Times", ["new york", "New York Times"]),
        (["New York Times", "York"], "new york time", ["york"]),
        (["Ann"], "Ann's book is Ann\u2019s, \u201cAnn\u201d said.", ["Ann", "Ann", "Ann"]),
        (["O'Hara"], "O\u2019HARA", ["O\u2019HARA"]),
        (["C++", ".NET", "C"], "C++ and .net and C. Net C#", ["C++", ".net", "C", "C"]),
        (["Straße"], "STRASSE", ["STRASSE"]),
        (["東京"], "私は東京にいる", ["東京"]),
        (["हिन्द"], "हिन्दी", []),
        ([], "anything", []),
    ],
)
def test_terms_are_found_as_whole_words(sources: list[str], text: str, expected: list[str]) -> None:
    """In any case and with any spaces, never inside a word, and the longest where several fit."""
    assert found(sources, text) == expected


@given(st.lists(SOURCES, min_size=1, max_size=5, unique_by=str.casefold), st.data())
def test_what_is_found_is_in_order_and_is_the_term(sources: list[str], data: st.DataObject) -> None:
    """Places do not overlap, a text that is a term is found as a whole, and each place reads as its term."""
    glossary = checked_glossary(Term(source) for source in sources)
    source = data.draw(st.sampled_from(sources))
    assert [(start, end, term.source) for start, end, term in glossary.find(source)] == [(0, len(source), source)]
    text = " ".join(data.draw(st.lists(st.one_of(WORDS, st.sampled_from(sources)), max_size=8)))
    last_end = 0
    for start, end, term in glossary.find(text):
        assert last_end <= start < end
        assert text[start:end].casefold() == term.source.casefold()
        last_end = end


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["in", "New"], True),
        (["in", "new", "york"], True),
        (["in", "New,"], False),
        (["new", "York", "Times"], False),
        (["in"], False),
        ([], False),
        (["GPT"], False),
    ],
)
def test_words_that_may_begin_a_term_are_known(words: list[str], expected: bool) -> None:
    """A text is not cut where a term may go on, and may be cut where only a mark could follow without a space."""
    glossary = checked_glossary([Term("New York Times"), Term("GPT-4")])
    assert glossary.could_continue(words) is expected


@given(st.lists(SOURCES, min_size=1, max_size=4, unique_by=str.casefold), st.data())
def test_no_term_is_cut_where_it_could_not_continue(sources: list[str], data: st.DataObject) -> None:
    """A text cut wherever no term could continue has the same terms in its parts as in the whole."""
    glossary = checked_glossary(Term(source) for source in sources)
    words = " ".join(data.draw(st.lists(st.one_of(WORDS, st.sampled_from(sources)), max_size=8))).split()
    parts: list[list[str]] = [[]]
    for word in words:
        parts[-1].append(word)
        if not glossary.could_continue(parts[-1]):
            parts.append([])
    in_parts = [term for part in parts for _, _, term in glossary.find(" ".join(part))]
    assert in_parts == [term for _, _, term in glossary.find(" ".join(words))]


@pytest.mark.parametrize(
    ("term", "language", "expected"),
    [
        (Term("plate", {"es": "placa", "es-MX": "plato"}), "es-mx", "plato"),
        (Term("plate", {"es": "placa", "es-MX": "plato"}), "es-AR", "placa"),
        (Term("plate", {"ES": "placa"}), "es", "placa"),
        (Term("plate", {"es": "placa"}), "ca", None),
        (Term("plate", {"es": "placa"}, do_not_translate=True), "ca", "plate"),
        (Term("plate", {"es": "placa"}, do_not_translate=True), "es", "placa"),
    ],
)
def test_a_translation_is_that_of_the_language(term: Term, language: str, expected: str | None) -> None:
    """Exactly that of the tag, else that of its primary language, else the term itself where it is kept."""
    assert term.translation_for(language) == expected


def test_phrases_are_the_sources() -> None:
    """A recognizer listens for the terms as they are written."""
    assert checked_glossary([Term("New  York"), Term("plate", {"es": "placa"})]).phrases() == ("New York", "plate")


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ([Term(str(number)) for number in range(MAX_TERMS + 1)], "GLOSSARY_TOO_LONG"),
        ([Term("New York"), Term("new  york")], "TERM_REPEATED"),
        ([Term("x" * 101)], "TERM_INVALID"),
        ([Term(" ")], "TERM_INVALID"),
        ([Term("a\0b")], "TERM_INVALID"),
        ([Term("...")], "TERM_INVALID"),
        ([Term("a", {"es": ""})], "TERM_INVALID"),
        ([Term("a", {"": "b"})], "TERM_INVALID"),
        ([Term("a", {"es": "x" * 201})], "TERM_INVALID"),
        ([Term("a", {f"x{number}": "b" for number in range(65)})], "TERM_INVALID"),
    ],
)
def test_a_glossary_that_makes_no_sense_is_refused(terms: list[Term], reason: str) -> None:
    """Each limit has its error."""
    with pytest.raises(InvalidArgumentError) as error:
        checked_glossary(terms)
    assert error.value.reason == reason


def test_a_glossary_travels() -> None:
    """What is sent comes back as it was."""
    glossary = Glossary((Term("plate", {"es": "placa"}), Term("LiveTranslate", do_not_translate=True)))
    assert glossary_from_proto(glossary_to_proto(glossary)) == glossary
