"""What there is, as OpenAI's clients list it."""

from openai.types import Model

from gateway.web.models import recognizers_told, voices_told
from livetranslate.v1 import asr_pb2, tts_pb2


def test_a_recognizer_is_a_model() -> None:
    """With the languages that it understands."""
    recognizer = asr_pb2.Recognizer(model="asr_x", language_codes=["en", "de"], license="MIT")
    [told] = recognizers_told([recognizer])
    assert Model.model_validate(told).id == "asr_x"
    assert (told["task"], told["languages"], told["license"]) == ("asr", ["de", "en"], "MIT")


def test_voices_are_told_with_their_model() -> None:
    """Once for each model; the speaker's own is for sessions."""
    voices = [
        tts_pb2.Voice(name=name, language_code=language, model=model)
        for name, language, model in (("anna", "de", "tts_x"), ("carl", "en", "tts_x"), ("speaker", "en", "tts_y"))
    ]
    [told] = voices_told(voices)
    assert Model.model_validate(told).id == "tts_x"
    assert told["voices"] == [{"name": "anna", "language": "de"}, {"name": "carl", "language": "en"}]
