from tests.model_repository.loading import load_describe

describe = load_describe("tts_espeak")


def test_each_voice_has_its_language() -> None:
    """Voices and languages are as many, in the same order."""
    parameters = describe.describe()["parameters"]
    languages = dict(zip(parameters["voices"].split(), parameters["languages"].split(), strict=True))
    assert languages["es"] == "es"
    assert languages["cmn"] == "zh"
