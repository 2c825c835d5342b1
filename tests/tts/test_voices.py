"""The voices of the models."""

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import Model
from tts.utterance import Voice
from tts.voices import find_voice, voices_for, voices_of

PAIRED = Model(
    "tts_a", "tts", languages=("en", "en-US", "es", "zh"), voices=("en", "en-US", "es", "cmn"), license="MIT"
)
SHARED = Model("tts_b", "tts", languages=("es",), voices=("ana", "juan"), sample_rate_hertz=22_050)


def test_voices_and_languages_stand_side_by_side() -> None:
    """A model with as many languages as voices lists one for each."""
    assert [(voice.name, voice.language) for voice in voices_of(PAIRED)] == [
        ("en", "en"),
        ("en-US", "en-US"),
        ("es", "es"),
        ("cmn", "zh"),
    ]


def test_other_voices_speak_all_languages() -> None:
    """Otherwise each voice speaks each of the model's languages."""
    assert [(voice.name, voice.language) for voice in voices_of(SHARED)] == [("ana", "es"), ("juan", "es")]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("", ["en", "en-US", "es", "cmn", "ana", "juan"]),
        ("en", ["en", "en-US"]),
        ("en-US", ["en", "en-US"]),
        ("en-GB", ["en"]),
        ("zh", ["cmn"]),
        ("e", []),
    ],
)
def test_voices_are_found_by_language(language: str, names: list[str]) -> None:
    """A language brings its regions along, a region its plain language."""
    assert [voice.name for voice in voices_for([PAIRED, SHARED], language)] == names


def test_without_a_name_the_model_chooses() -> None:
    """The first model for the language chooses the voice; it is told the language as it writes it."""
    assert find_voice([PAIRED, SHARED], "es-MX", "") == Voice("", "es", "tts_a", 16_000, "MIT")


RANKED = [
    Model("tts_a", "tts", languages=("en", "en-GB", "es"), voices=("robot", "butler", "robota"), rank=30),
    Model("tts_b", "tts", languages=("en-US",), voices=("amy",)),
    Model("tts_c", "tts", languages=("de",), rank=-1),
]


@pytest.mark.parametrize(
    ("language", "voice"),
    [("en", ("tts_b", "en-US")), ("en-GB", ("tts_a", "en-GB")), ("es", ("tts_a", "es")), ("de-AT", ("tts_c", "de"))],
)
def test_the_lowest_rank_speaks(language: str, voice: tuple[str, str]) -> None:
    """A model that is to be asked last speaks what no other does, however exactly it has the language."""
    chosen = find_voice(RANKED, language, "")
    assert (chosen.model, chosen.language) == voice


def test_the_lowest_rank_is_listed_first() -> None:
    """Whoever takes the first voice of a list gets a good one."""
    assert [voice.name for voice in voices_for(RANKED, "en")] == ["amy", "robot", "butler"]


def test_nobody_is_imitated_unless_asked_for() -> None:
    """A model that imitates speaks only by its voice's name, also where no other speaks the language."""
    takes = frozenset(["reference"])
    imitator = Model("tts_i", "tts", languages=("es", "fr"), voices=("speaker",), takes=takes, rank=-9)
    assert [voice.name for voice in voices_for([imitator, SHARED], "es")] == ["ana", "juan", "speaker"]
    assert find_voice([imitator, SHARED], "es", "").model == "tts_b"
    assert find_voice([imitator, SHARED], "fr", "speaker").is_imitation
    with pytest.raises(InvalidArgumentError, match=r"Languages: es\."):
        find_voice([imitator, SHARED], "fr", "")


def test_a_voice_is_found_in_any_model() -> None:
    """A named voice is taken from the model that has it."""
    assert find_voice([PAIRED, SHARED], "es", "juan") == Voice("juan", "es", "tts_b", 22_050)


def test_an_unknown_voice_lists_those_there_are() -> None:
    """The error for an unknown voice names the voices of the language, and no others."""
    with pytest.raises(InvalidArgumentError, match=r"Voices: ana, es, juan\.") as caught:
        find_voice([PAIRED, SHARED], "es", "cmn")
    assert caught.value.reason == "VOICE_NOT_FOUND"


def test_an_unknown_language_lists_those_there_are() -> None:
    """The error for an unknown language names the languages there are."""
    with pytest.raises(InvalidArgumentError, match="en, en-US, es, zh"):
        find_voice([PAIRED, SHARED], "xx", "ana")
