import pytest

from tests.model_repository.loading import load_sibling

llm_answer = load_sibling("mt_llm", "llm_answer")

SOURCE = "we have three options"


def read(*pieces: str, source: str = SOURCE) -> str:
    """The translation in an answer that ends after these pieces."""
    answer = llm_answer.Answer(source, "es")
    for piece in pieces:
        answer.add(piece)
    translation: str = answer.translation()
    return translation


@pytest.mark.parametrize(
    "said",
    [
        "Tenemos tres opciones",
        "\n\n  Tenemos tres opciones\n",
        '"Tenemos tres opciones"',
        "«Tenemos tres opciones»",
        "\u201cTenemos tres opciones\u201d",
        "Translation: Tenemos tres opciones",
        "Spanish: Tenemos tres opciones",
        "**Translation:** Tenemos tres opciones",
        "**Tenemos tres opciones**",
        "<text>Tenemos tres opciones</text>",
        "Sure! Here is the translation:\n\nTenemos tres opciones",
        'Sure! Here is the translation:\n\n"Tenemos tres opciones"\n\nNote that "options" is plural.',
        "```\nTenemos tres opciones\n```",
        "<think>The user wants Spanish.\nTenemos? Yes.</think>\n\nTenemos tres opciones",
        "Tenemos tres opciones\n\n(We have three choices)",
    ],
)
def test_the_translation_is_found_in_what_is_said_around_it(said: str) -> None:
    """Whole, and letter by letter."""
    assert read(said) == "Tenemos tres opciones"
    assert read(*said) == "Tenemos tres opciones"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('"we have three options"', '"Tenemos tres opciones"'),
        ("yes and no", '"sí" y "no"'),
        ("translation: easy", "Translation: fácil"),
        ("he said:", "dijo:"),
        ("XQ1 and XQ2", "XQ1 y XQ2"),
    ],
)
def test_what_belongs_to_the_translation_stays(source: str, said: str) -> None:
    """What the source has is no decoration."""
    assert read(said, source=source) == said


@pytest.mark.parametrize("said", ["", " \n", "Here is the translation:", '""', "<think>Hm.</think>", "<think>Hm.\nAnd"])
def test_an_answer_without_a_translation_is_an_error(said: str) -> None:
    """It is never taken for one."""
    with pytest.raises(llm_answer.AnswerError, match="without a translation"):
        read(said)


def test_a_line_that_has_ended_is_enough() -> None:
    """Remarks after it are not waited for; before it has ended, more may come."""
    answer = llm_answer.Answer(SOURCE, "es")
    for piece, is_whole in (("Here you are:\n", False), ("Tenemos tres", False), (" opciones", False), ("\nNo", True)):
        answer.add(piece)
        assert answer.is_whole is is_whole
    assert answer.translation() == "Tenemos tres opciones"


def test_thoughts_are_noted() -> None:
    """They are no line of the translation, while they last and after."""
    answer = llm_answer.Answer(SOURCE, "es")
    answer.add("<think>\nSpanish, then.\n")
    assert (answer.is_whole, answer.has_thought) == (False, True)


@pytest.mark.parametrize("piece", ["ja", "Certainly:\n", "\n", "a:\n", "<think>and again, "])
def test_an_answer_that_does_not_end_is_broken_off(piece: str) -> None:
    """Soon after it is longer than any translation, on one line or on many."""
    with pytest.raises(llm_answer.AnswerError, match="does not stop"):
        read(*[piece] * 700)


def test_short_texts_may_grow() -> None:
    """Four signs of Chinese are a sentence in Latin letters."""
    assert read("Siéntanse ustedes como en su propia casa, por favor", source="宾至如归").startswith("Siéntanse")
