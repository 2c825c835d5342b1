from tests.model_repository.loading import load_describe

describe = load_describe("mt_llm")


def test_without_a_server_it_says_what_to_set() -> None:
    """The model is left out, with the setting that would bring it in."""
    answer = describe.describe({})
    assert answer["parameters"] == {}
    assert "set LIVETRANSLATE_LLM_URL" in answer["missing"]


def test_its_languages_are_pairs_and_its_key_is_no_parameter() -> None:
    """What is printed can be read by all who may ask Triton."""
    environment = {
        "LIVETRANSLATE_LLM_URL": "http://me:secret@127.0.0.1:8000/v1",
        "LIVETRANSLATE_LLM_MODEL": "m",
        "LIVETRANSLATE_LLM_API_KEY": "secret",
        "LIVETRANSLATE_LLM_LANGUAGES": "en es",
    }
    assert describe.describe(environment) == {"parameters": {"language_pairs": "en-es es-en"}, "missing": None}
