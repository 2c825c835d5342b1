"""Terms on their way through an engine."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.glossary import Glossary, Term, checked_glossary
from mt.terms import _STEMS, MarkedText

GLOSSARY = checked_glossary(
    [
        Term("hot plate", {"es": "placa caliente"}),
        Term("LiveTranslate", do_not_translate=True),
        Term("kubectl", do_not_translate=True),
        Term("plate", {"ca": "plat"}),
    ]
)
WORDS = st.sampled_from(
    ["the", "hot", "plate", "Hot plate,", "kubectl", "LIVETRANSLATE", "XQ1", "5", "(is)", "東京", "."]
)


def marked(source: str) -> MarkedText:
    return MarkedText(source, GLOSSARY, "es")


def test_terms_become_placeholders() -> None:
    """A term whose translation is given is hidden from the engine; one that is not is the engine's."""
    text = marked("Open LiveTranslate, the hot plate and the plate.")
    assert text.is_marked
    assert text.text == "Open XQ1, the XQ2 and the plate."
    assert text.restored("Abre XQ1, el XQ2 y el plato.") == "Abre LiveTranslate, el placa caliente y el plato."


def test_a_text_without_terms_stays_as_it_is() -> None:
    """Nothing is marked, nothing is missed."""
    text = marked("the plate")
    assert not text.is_marked
    assert text.text == "the plate"
    assert text.missed_in("el plato") == ()


@pytest.mark.parametrize("answer", ["abre xq1", "abre X Q 1", "abre Xq 1", "abrexQ1"])
def test_a_placeholder_is_read_however_it_comes_back(answer: str) -> None:
    """In another case, or in pieces; only a Latin letter before it makes it part of another word."""
    restored = marked("open kubectl").restored(answer)
    assert restored == ("abre kubectl" if answer != "abrexQ1" else None)


@pytest.mark.parametrize("answer", ["abre", "abre XQ1 XQ1", "abre XQ2", "abre XQ12", ""])
def test_a_lost_placeholder_is_noticed(answer: str) -> None:
    """Missing, doubled or another number: then the translation is not used."""
    assert marked("open kubectl").restored(answer) is None


@pytest.mark.parametrize(
    ("source", "answer", "expected"),
    [
        ("Hot plate is on.", "XQ1 está.", "Placa caliente está."),
        ("hot plate is on", "XQ1 está", "placa caliente está"),
        ("It is on. Hot plate is good.", "Está. XQ1 es bueno.", "Está. Placa caliente es bueno."),
        ("Is it a hot plate? yes", "«¿XQ1 es?» Sí", "«¿Placa caliente es?» Sí"),
        ('He said: "on." The hot plate', 'Dijo: "sí." XQ1', 'Dijo: "sí." Placa caliente'),
        ("Kubectl is good.", "XQ1 es bueno.", "kubectl es bueno."),
        ("The 3. hot plate", "La 3.a XQ1", "La 3.a placa caliente"),
    ],
)
def test_a_translation_starts_a_sentence_with_a_capital(source: str, answer: str, expected: str) -> None:
    """One of the glossary does where the source's does; what is to stay as it is stays."""
    assert marked(source).restored(answer) == expected


def test_placeholders_differ_from_the_text() -> None:
    """A text that has such a word itself gets others, and one that has them all gets none."""
    assert marked("xq1 kubectl").text == "xq1 QZ1"
    everything = " ".join(f"{stem}7" for stem in _STEMS)
    assert not marked(f"{everything} kubectl").is_marked


def test_placeholders_do_not_run_into_words() -> None:
    """Where no spaces are written there are some around a placeholder."""
    text = MarkedText(
        "私は東京5大阪にいる", Glossary((Term("東京", {"es": "Tokio"}), Term("大阪", {"es": "Osaka"}))), "es"
    )
    assert text.text == "私は XQ1 5 XQ2 にいる"


def test_missed_terms_are_looked_for_as_whole_words() -> None:
    """In any case; one that is missed twice is named once."""
    text = marked("the hot plate and the hot plate and kubectl")
    assert text.missed_in("la Placa  caliente y KUBECTL") == ()
    assert text.missed_in("la placa y kubectls") == ("hot plate", "kubectl")


@given(st.lists(WORDS, max_size=12).map(" ".join), st.randoms(use_true_random=False), st.booleans())
def test_terms_survive_an_engine_that_keeps_placeholders(source: str, chance: random.Random, is_split: bool) -> None:
    """Whatever the order an engine puts the words in, each term's translation is there as often as the term."""
    text = marked(source)
    words = text.text.split()
    chance.shuffle(words)
    answer = " ".join(words).lower()
    if is_split:
        answer = re.sub(r"([xqz]{2})(\d)", r"\1 \2", answer)
    restored = text.restored(answer)
    if not text.is_marked:
        assert text.text == source
        return
    assert restored is not None
    assert not text.missed_in(restored)
    for term, translation in (
        ("hot plate", "placa caliente"),
        ("kubectl", "kubectl"),
        ("livetranslate", "LiveTranslate"),
    ):
        count = sum(found.source.lower() == term for _, _, found in GLOSSARY.find(source))
        assert len(re.findall(translation, restored, re.IGNORECASE)) == count
