"""Translation with NVIDIA's own client through the whole system."""

import itertools
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from riva import client as riva_client
from riva.client.proto import riva_common_pb2, riva_nmt_pb2

from livetranslate.stack.stack import Stack
from tests.gateway.talk import pieces, talk
from tests.integration.riva import (
    CHUNK_BYTES,
    finals_of,
    refused,
    results_of,
    riva_connection,
    streaming_config,
    wav,
)

SECONDS = 12.0
INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture
def nmt(null_stack: Stack) -> Iterator[Any]:
    """Riva's translation client; the translator repeats what it is given."""
    with riva_connection(null_stack.gateway_address) as auth:
        yield riva_client.NeuralMachineTranslationClient(auth)


def to_text(target: str = "es-US", *, interim_results: bool = True, **options: Any) -> Any:
    """Speech to text, from headerless 16 kHz audio."""
    return riva_client.StreamingTranslateSpeechToTextConfig(
        asr_config=streaming_config(interim_results=interim_results, language_code="en-US"),
        translation_config=riva_client.TranslationConfig(
            source_language_code="en-US", target_language_code=target, **options
        ),
    )


def to_speech(target: str = "es-US", recognition: Any = None, **speech: Any) -> Any:
    """Speech to speech."""
    given = {"encoding": riva_client.AudioEncoding.LINEAR_PCM, "sample_rate_hz": 16_000, **speech}
    return riva_client.StreamingTranslateSpeechToSpeechConfig(
        asr_config=recognition or streaming_config(language_code="en-US"),
        translation_config=riva_client.TranslationConfig(source_language_code="en-US", target_language_code=target),
        tts_config=riva_client.SynthesizeSpeechConfig(language_code=target, **given),
    )


def test_texts_are_translated_in_their_order(nmt: Any) -> None:
    """Each with the language it is in then; an id is repeated."""
    response = nmt.translate(["one", "two words", ""], "", "en-US", "es-US")
    assert [(translation.text, translation.language) for translation in response.translations] == [
        ("one", "es-US"),
        ("two words", "es-US"),
        ("", "es-US"),
    ]
    request = riva_nmt_pb2.TranslateTextRequest(
        texts=["one"], source_language="en", target_language="es", id=riva_common_pb2.RequestId(value="seven")
    )
    assert nmt.stub.TranslateText(request).id.value == "seven"


def test_phrases_are_kept_or_translated_as_told(nmt: Any) -> None:
    """As Riva's client writes them: one string, with the translation behind the phrase."""
    phrases = {"two words": "dos palabras", "Riva": ""}
    response = nmt.translate(["say two words to Riva", "two words"], "", "en-US", "es-US", dnt_phrases_dict=phrases)
    assert [translation.text for translation in response.translations] == ["say dos palabras to Riva", "dos palabras"]


def test_pairs_are_listed_truly(nmt: Any) -> None:
    """Every source of an entry can be translated into every target of it."""
    languages = nmt.get_config("").languages
    pairs = {pair for entry in languages.values() for pair in itertools.product(entry.src_lang, entry.tgt_lang)}
    assert ("en", "es") in pairs
    assert ("es", "en") in pairs
    assert ("es", "fr") not in pairs
    assert nmt.get_config("mt_null").languages == languages
    assert not nmt.get_config("another").languages


def test_speech_becomes_text_while_it_is_spoken(nmt: Any) -> None:
    """Interims and finals come, and what is final says the same as what was recognized."""
    chunks = pieces(talk(SECONDS).tobytes(), CHUNK_BYTES)
    responses = list(nmt.streaming_s2t_response_generator(chunks, to_text()))
    results = results_of(responses)
    assert {result.is_final for result in results} == {True, False}
    assert all(list(result.alternatives[0].language_code) == ["es-US"] for result in results)
    assert all(result.audio_processed > 0 for result in results)
    finals = finals_of(responses)
    assert len(finals) >= 2
    assert set(" ".join(finals).lower().replace(".", "").split()) == {"word"}
    quiet = list(nmt.streaming_s2t_response_generator(chunks, to_text(interim_results=False)))
    assert finals_of(quiet) == finals
    assert all(result.is_final for result in results_of(quiet))


def test_phrases_of_a_stream_are_kept(nmt: Any) -> None:
    """Do-not-translate phrases may come with their translation here, too."""
    chunks = pieces(talk(SECONDS).tobytes(), CHUNK_BYTES)
    responses = nmt.streaming_s2t_response_generator(chunks, to_text(dnt_phrases=["word##palabra,Riva"]))
    assert set(" ".join(finals_of(responses)).lower().replace(".", "").split()) == {"palabra"}


def test_a_stream_may_bring_a_glossary(nmt: Any) -> None:
    """As lines of tab-separated terms, under a key of ours."""
    config = to_text()
    config.asr_config.config.custom_configuration["glossary"] = "en\tes\nword\tvocablo\n"
    responses = nmt.streaming_s2t_response_generator(pieces(talk(SECONDS).tobytes(), CHUNK_BYTES), config)
    assert set(" ".join(finals_of(responses)).lower().replace(".", "").split()) == {"vocablo"}


def test_speech_becomes_speech(nmt: Any) -> None:
    """The first answer has audio and the last has none, as Riva's scripts need it; the rate is the one asked for."""
    chunks = pieces(wav(talk(SECONDS)), 200)
    unset = riva_client.StreamingRecognitionConfig(config=riva_client.RecognitionConfig(language_code="en-US"))
    responses = list(nmt.streaming_s2s_response_generator(chunks, to_speech(recognition=unset)))
    audio = [response.speech.audio for response in responses]
    assert all(audio[:-1])
    assert audio[-1] == b""
    at_16_000_hertz = sum(map(len, audio))
    at_8_000 = nmt.streaming_s2s_response_generator(chunks, to_speech(recognition=unset, sample_rate_hz=8_000))
    assert sum(len(response.speech.audio) for response in at_8_000) == pytest.approx(at_16_000_hertz / 2, rel=0.01)


def test_speech_as_one_opus_file(nmt: Any) -> None:
    """All that is said is one Ogg stream."""
    chunks = pieces(talk(SECONDS).tobytes(), CHUNK_BYTES)
    config = to_speech(encoding=riva_client.AudioEncoding.OGGOPUS)
    audio = b"".join(response.speech.audio for response in nmt.streaming_s2s_response_generator(chunks, config))
    assert audio.startswith(b"OggS")
    assert audio.count(b"OpusHead") == 1


def test_a_speaker_who_understands(stack: Stack) -> None:
    """With the embedded engines English becomes Spanish speech, for longer than a moment."""
    with riva_connection(stack.gateway_address) as auth:
        client = riva_client.NeuralMachineTranslationClient(auth)
        [translated] = client.translate(["We have three options."], "", "en-US", "es-US").translations
        responses = client.streaming_s2s_response_generator(pieces(talk(8.0).tobytes(), CHUNK_BYTES), to_speech())
        audio = b"".join(response.speech.audio for response in responses)
    assert "opciones" in translated.text
    assert len(audio) > 2 * 16_000 * 2


def test_silence_is_answered_by_the_end_alone(nmt: Any) -> None:
    """Where nobody speaks there is nothing to say."""
    silence = np.zeros(32_000, np.int16).tobytes()
    [response] = nmt.streaming_s2s_response_generator([silence], to_speech())
    assert response.speech.audio == b""


def test_what_cannot_be_is_an_invalid_argument(nmt: Any) -> None:
    """Languages, voices and encodings that are not there, with those that are."""
    audio = [bytes(3_200)]
    with refused(INVALID, "en → es"):
        nmt.translate(["one"], "", "en-US", "ja-JP")
    with refused(INVALID, "en → es"):
        nmt.translate(["one"], "", "en-US", "ja-JP", dnt_phrases_dict={"a": "b"})
    with refused(INVALID, "target_language_code"):
        list(nmt.streaming_s2t_response_generator(audio, to_text(target="")))
    with refused(INVALID, "en → es"):
        list(nmt.streaming_s2t_response_generator(audio, to_text(target="ja-JP")))
    with refused(INVALID, "Voices: "):
        list(nmt.streaming_s2s_response_generator(audio, to_speech(voice_name="English-US.Female-1")))
    with refused(INVALID, "LINEAR_PCM"):
        list(nmt.streaming_s2s_response_generator(audio, to_speech(encoding=riva_client.AudioEncoding.FLAC)))
    with refused(INVALID, "8,000"):
        list(nmt.streaming_s2s_response_generator(audio, to_speech(sample_rate_hz=4_000)))
