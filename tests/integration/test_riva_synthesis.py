"""Synthesis with NVIDIA's own client through the whole system."""

import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from riva import client as riva_client
from riva.client.proto import riva_common_pb2, riva_tts_pb2

from livetranslate.stack.stack import Stack
from tests.integration.riva import refused, riva_connection

INVALID = grpc.StatusCode.INVALID_ARGUMENT
VOICE_BYTES = 4_410  # a tenth of a second at 22,050 Hz: what the voice of the tests says to everything


@pytest.fixture
def auth(null_stack: Stack) -> Iterator[Any]:
    """A connection as Riva's client opens it."""
    with riva_connection(null_stack.gateway_address) as auth:
        yield auth


@pytest.fixture
def tts(auth: Any) -> Any:
    """Riva's synthesis client."""
    return riva_client.SpeechSynthesisService(auth)


@pytest.mark.parametrize("rate", [0, 8_000, 16_000, 22_050, 44_100, 48_000])
def test_a_text_is_spoken_at_the_rate_asked_for(tts: Any, rate: int) -> None:
    """In one answer, without a header; 0 is the voice's own rate."""
    response = tts.synthesize("Hello to all.", language_code="en-US", sample_rate_hz=rate)
    assert len(response.audio) == pytest.approx(VOICE_BYTES * (rate or 22_050) / 22_050, abs=4)
    assert response.meta.text == "Hello to all."


def test_opus_is_a_file(tts: Any) -> None:
    """OGGOPUS is what it says."""
    response = tts.synthesize("Hello.", encoding=riva_client.AudioEncoding.OGGOPUS)
    assert response.audio.startswith(b"OggS")


def test_texts_are_spoken_as_they_come(tts: Any) -> None:
    """The speech of the first text is there before the second is sent; answers name their request."""
    spoken = threading.Event()

    def requests() -> Iterator[Any]:
        for name in ("first", "second"):
            request_id = riva_common_pb2.RequestId(value=name)
            yield riva_tts_pb2.SynthesizeSpeechRequest(text=name, language_code="es-US", id=request_id)
            assert spoken.wait(30)

    names = []
    for response in tts.stub.SynthesizeOnline(requests()):
        assert response.audio
        names.append(response.id.value)
        spoken.set()
    assert list(dict.fromkeys(names)) == ["first", "second"]


def test_riva_s_client_streams_several_texts(tts: Any) -> None:
    """As its helper sends them."""
    audio = b"".join(response.audio for response in tts.synthesize_online(["One.", "Two.", "Three."]))
    assert len(audio) == 3 * VOICE_BYTES


def test_the_older_form_with_one_request(auth: Any) -> None:
    """Older clients call the same method with one message."""
    call = auth.channel.unary_stream(
        "/nvidia.riva.tts.RivaSpeechSynthesis/SynthesizeOnline",
        request_serializer=riva_tts_pb2.SynthesizeSpeechRequest.SerializeToString,
        response_deserializer=riva_tts_pb2.SynthesizeSpeechResponse.FromString,
    )
    responses = list(call(riva_tts_pb2.SynthesizeSpeechRequest(text="Hello.", language_code="en-US")))
    assert sum(len(response.audio) for response in responses) == VOICE_BYTES


def test_voices_are_listed_and_named_as_scripts_do_it(tts: Any) -> None:
    """Riva's script puts the model's and the voice's names together; both forms can be asked for."""
    listed = tts.stub.GetRivaSynthesisConfig(riva_tts_pb2.RivaSynthesisConfigRequest()).model_config
    names = {
        f"{config.parameters['voice_name']}.{voice.split(':')[0]}"
        for config in listed
        if config.parameters["language_code"] == "es"
        for voice in config.parameters["subvoices"].split(",")
    }
    assert names == {"tts_null.es"}
    for name in ("tts_null.es", "es"):
        assert tts.synthesize("Hola.", name, "es-US").audio
    request = riva_tts_pb2.RivaSynthesisConfigRequest(model_name="another")
    assert not tts.stub.GetRivaSynthesisConfig(request).model_config


def test_markup_is_not_read_aloud(tts: Any) -> None:
    """Of SSML the words are spoken; what only begins like it is refused."""
    assert tts.synthesize("<speak>Hello <prosody rate='fast'>to all</prosody>.</speak>").audio
    with refused(INVALID, "SSML"):
        tts.synthesize("<speak>Hello <b>to all.</speak>")


def test_what_cannot_be_is_an_invalid_argument(tts: Any) -> None:
    """Texts, languages, voices and formats, at once and as a stream."""
    with refused(INVALID, "`text` is empty"):
        tts.synthesize(" ")
    with refused(INVALID, "5,000"):
        tts.synthesize("a" * 5_001)
    with refused(INVALID, "Languages: "):
        tts.synthesize("Hello.", language_code="xx-XX")
    with refused(INVALID, "Voices: "):
        tts.synthesize("Hello.", "English-US.Female-1")
    with refused(INVALID, "LINEAR_PCM"):
        tts.synthesize("Hello.", encoding=riva_client.AudioEncoding.FLAC)
    with refused(INVALID, "`text` is empty"):
        list(tts.synthesize_online(["Hello.", ""]))
    imitation = riva_tts_pb2.SynthesizeSpeechRequest(text="Hello.", language_code="en-US")
    imitation.zero_shot_data.audio_prompt = bytes(3_200)
    with refused(INVALID, "imitated"):
        tts.stub.Synthesize(imitation)
