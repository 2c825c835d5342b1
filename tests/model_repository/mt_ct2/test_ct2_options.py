import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from tests.model_repository.loading import REPOSITORY, load_sibling

ct2_options = load_sibling("mt_ct2", "ct2_options")


def configured() -> dict[str, str]:
    """The parameters in the model's folder."""
    config = text_format.Parse((REPOSITORY / "mt_ct2" / "config.pbtxt").read_text(), model_config_pb2.ModelConfig())
    return {key: value.string_value for key, value in config.parameters.items()}


def test_the_folder_has_all_options_but_the_pairs() -> None:
    """Those come with the weights."""
    options = ct2_options.Options.read({**configured(), "language_pairs": "en-es es-en"})
    assert options.language_pairs == ("en-es", "es-en")
    assert (options.beam_size, options.length_penalty, options.max_tokens) == (2, 1.0, 500)


def test_an_option_that_is_no_number_is_an_error() -> None:
    """The model does not load, rather than translate otherwise than was asked for."""
    with pytest.raises(ValueError, match="many"):
        ct2_options.Options.read({**configured(), "language_pairs": "en-es", "beam_size": "many"})


def test_language_codes_are_read() -> None:
    """One for each language; none where the model has the same."""
    assert ct2_options.language_codes("en:eng_Latn zh-Hant:zho_Hant") == {"en": "eng_Latn", "zh-Hant": "zho_Hant"}
    assert ct2_options.language_codes("") == {}


def test_a_device_computes_with_what_it_has() -> None:
    """An old GPU without float16 takes the fastest type it knows."""
    assert ct2_options.compute_type("float16", {"float32", "float16"}) == "float16"
    assert ct2_options.compute_type("float16", {"float32", "int8"}) == "auto"
