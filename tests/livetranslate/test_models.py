from base64 import b64encode
from itertools import product
from urllib.parse import quote

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import (
    Model,
    model_for_language,
    model_for_pair,
    model_from_parameters,
    models_for_pair,
    primary,
)
from livetranslate.status import trailing_metadata

MODELS = [
    Model("english", "asr", languages=("en",)),
    Model("british", "asr", languages=("en-GB", "cy")),
    Model("spanish", "mt", language_pairs=(("en", "es"), ("es", "en"))),
    Model("brazilian", "mt", language_pairs=(("en", "pt-BR"),)),
]


def test_reads_its_parameters() -> None:
    """A model is what its parameters say, with its limits beside them."""
    parameters = {"task": "mt", "languages": "en es", "language_pairs": "en-es es-en", "sample_rate_hertz": "8000"}
    model = model_from_parameters("mt_x", parameters, sequence_slots=4)
    assert model.languages == ("en", "es")
    assert model.language_pairs == (("en", "es"), ("es", "en"))
    assert (model.task, model.sample_rate_hertz, model.sequence_slots) == ("mt", 8000, 4)


@pytest.mark.parametrize(
    ("language", "name"), [("en", "english"), ("en-GB", "british"), ("en-AU", "english"), ("EN", "english")]
)
def test_the_closest_model_for_a_language(language: str, name: str) -> None:
    """A model for exactly this tag comes before one for its primary language."""
    assert model_for_language(MODELS, language, what="recognize").name == name


def test_the_lowest_rank_for_a_language() -> None:
    """A model that is to be asked last gives way also where it alone has exactly this tag."""
    models = [Model("last", "tts", languages=("en-GB", "en"), rank=30), Model("first", "tts", languages=("en",))]
    assert model_for_language(models, "en-GB", what="speak").name == "first"


def test_a_language_without_a_model() -> None:
    """The error lists the languages there are, or says that there are none."""
    with pytest.raises(InvalidArgumentError, match=r"recognize 'fr'\. Languages: cy, en, en-GB"):
        model_for_language(MODELS, "fr", what="recognize")
    with pytest.raises(InvalidArgumentError, match="Languages: none"):
        model_for_language([], "fr", what="recognize")


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("en", "es", ("spanish", "en", "es")),
        ("en-GB", "es-MX", ("spanish", "en", "es")),
        ("en-GB", "pt-BR", ("brazilian", "en", "pt-BR")),
    ],
)
def test_the_closest_model_for_a_pair(source: str, target: str, found: tuple[str, str, str]) -> None:
    """A pair is found by its tags or their primary languages, and comes as the model writes it."""
    model, *pair = model_for_pair(MODELS, source, target)
    assert (model.name, *pair) == found


def test_all_models_for_a_pair() -> None:
    """The lowest rank comes first, then the closest; each has the pair as it writes it."""
    models = [
        Model("any", "mt", language_pairs=(("en", "es"),)),
        Model("mexican", "mt", language_pairs=(("en", "es"), ("en", "es-MX"))),
        Model("last", "mt", language_pairs=(("en", "es-MX"),), rank=20),
        Model("best", "mt", language_pairs=(("en", "es"),), rank=-1),
        Model("other", "mt", language_pairs=(("en", "ca"),)),
    ]
    chain = [(model.name, target) for model, _, target in models_for_pair(models, "en-GB", "es-MX")]
    assert chain == [("best", "es"), ("mexican", "es-MX"), ("any", "es"), ("last", "es-MX")]
    assert model_for_pair(models, "en-GB", "es-MX")[0].name == "best"


def test_a_pair_without_a_model() -> None:
    """The error lists the pairs there are."""
    with pytest.raises(InvalidArgumentError, match="Pairs: en → es, en → pt-BR, es → en"):
        model_for_pair(MODELS, "en", "fr")


def test_an_error_has_room_for_a_model_of_all_languages() -> None:
    """Of thousands of pairs those from the source are listed, and gRPC still delivers the error."""
    languages = [f"{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    model = Model("any", "mt", language_pairs=tuple(product(languages, languages)))
    with pytest.raises(InvalidArgumentError, match=r"Pairs: jj → aa, .*, 9940 more") as raised:
        model_for_pair([model], "jj-XX", "en")
    assert len(quote(raised.value.message)) + len(b64encode(trailing_metadata(raised.value)[0][1])) < 7_000


def test_the_primary_language() -> None:
    """Regions and letter case are left out."""
    assert [primary(tag) for tag in ("en-GB", "EN", "zh-Hant-TW")] == ["en", "en", "zh"]
