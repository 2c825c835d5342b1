from tests.model_repository.loading import load_describe

describe = load_describe("mt_llm")


def test_without_a_server_it_says_what_to_set() -> None:
    """The model is left out, with the setting that would bring it in."""
    answer = describe.describe({})
    assert answer["parameters"] == {}
    assert "set LIVETRANSLATE_LLM_URL" in answer["missing"]


def test_who_has_set_something_hears_what_is_wrong() -> None:
    """The model is no longer one that is left out without a word."""
    answer = describe.describe({"LIVETRANSLATE_LLM_URL": "127.0.0.1:8000"})
    assert answer["parameters"] == {"optional": "no"}
    assert "LIVETRANSLATE_LLM_URL does not begin with http://" in answer["missing"]


def test_its_languages_are_pairs_and_its_key_is_no_parameter() -> None:
    """What is printed can be read by all who may ask Triton."""
    environment = {
        "LIVETRANSLATE_LLM_URL": "http://me:secret@127.0.0.1:8000/v1",
        "LIVETRANSLATE_LLM_MODEL": "m",
        "LIVETRANSLATE_LLM_API_KEY": "secret",
        "LIVETRANSLATE_LLM_LANGUAGES": "en es",
    }
    parameters = {"optional": "no", "language_pairs": "en-es es-en"}
    assert describe.describe(environment) == {"parameters": parameters, "missing": None}
