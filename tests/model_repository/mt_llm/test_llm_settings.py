import pytest

from tests.model_repository.loading import load_sibling

llm_settings = load_sibling("mt_llm", "llm_settings")

GIVEN = {"LIVETRANSLATE_LLM_URL": "https://llm.example/v1", "LIVETRANSLATE_LLM_MODEL": "some-model"}


def test_a_url_and_a_model_are_enough() -> None:
    """Everything else has a default."""
    settings = llm_settings.LlmSettings.read({**GIVEN, "LIVETRANSLATE_LLM_TIMEOUT_SECONDS": ""})
    assert (settings.url, settings.model, settings.api_key) == ("https://llm.example/v1", "some-model", "")
    assert (settings.timeout_seconds, settings.concurrency, settings.options) == (4, 32, {})
    assert {"en-es", "es-en", "de-vi"} <= set(settings.language_pairs)
    assert len(settings.language_pairs) == 14 * 13


def test_other_variables_are_not_ours() -> None:
    """Above all no other program's key: it would be told to the server."""
    others = {"API_KEY": "theirs", "MODEL": "theirs", "OPTIONS": "theirs", "LANGUAGES": "theirs"}
    assert llm_settings.LlmSettings.read({**GIVEN, **others}) == llm_settings.LlmSettings.read(GIVEN)


def test_everything_can_be_set() -> None:
    """A language that is named twice is there once."""
    more = {
        "API_KEY": "k",
        "LANGUAGES": "en es en",
        "TIMEOUT_SECONDS": "2.5",
        "CONCURRENCY": "8",
        "OPTIONS": '{"a": 1}',
    }
    settings = llm_settings.LlmSettings.read({**GIVEN, **{f"LIVETRANSLATE_LLM_{key}": more[key] for key in more}})
    assert (settings.api_key, settings.language_pairs) == ("k", ["en-es", "es-en"])
    assert (settings.timeout_seconds, settings.concurrency, settings.options) == (2.5, 8, {"a": 1})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("URL", "", "set LIVETRANSLATE_LLM_URL to the address .* http://127.0.0.1:8000/v1"),
        ("URL", "localhost:8000", "LIVETRANSLATE_LLM_URL does not begin with http://"),
        ("URL", "http:///v1", "LIVETRANSLATE_LLM_URL does not begin"),
        ("MODEL", " ", "set LIVETRANSLATE_LLM_MODEL .* /v1/models"),
        ("LANGUAGES", "en", "LIVETRANSLATE_LLM_LANGUAGES='en': name 2 to 40 languages"),
        ("LANGUAGES", "en pt-BR", "without regions"),
        ("TIMEOUT_SECONDS", "soon", "LIVETRANSLATE_LLM_TIMEOUT_SECONDS='soon': set it to a number from 0.1 to 60"),
        ("TIMEOUT_SECONDS", "nan", "a number from 0.1 to 60"),
        ("CONCURRENCY", "0", "a number from 1 to 1024"),
        ("OPTIONS", "think: no", "LIVETRANSLATE_LLM_OPTIONS: set it to a JSON object"),
        ("OPTIONS", "[]", "JSON object"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, says: str) -> None:
    """With what it may be."""
    with pytest.raises(llm_settings.LlmSettingsError, match=says):
        llm_settings.LlmSettings.read({**GIVEN, f"LIVETRANSLATE_LLM_{name}": value})


def test_a_password_in_the_address_is_not_shown() -> None:
    """An error is for all to read."""
    with pytest.raises(llm_settings.LlmSettingsError) as raised:
        llm_settings.LlmSettings.read({**GIVEN, "LIVETRANSLATE_LLM_URL": "ftp://me:secret@host"})
    assert "secret" not in str(raised.value)
