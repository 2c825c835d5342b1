"""Recognition with NVIDIA's own client, which knows nothing of us, through the whole system."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from riva import client as riva_client
from riva.client.proto import riva_asr_pb2, riva_common_pb2

from livetranslate.client import AsyncClient
from livetranslate.stack.stack import Stack
from tests.gateway.talk import in_container, pieces, talk
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
def auth(null_stack: Stack) -> Iterator[Any]:
    """A connection as Riva's client opens it."""
    with riva_connection(null_stack.gateway_address) as auth:
        yield auth


@pytest.fixture
def asr(auth: Any) -> Any:
    """Riva's recognition client."""
    return riva_client.ASRService(auth)


def test_streams_tell_growing_text_and_finals_with_words(asr: Any) -> None:
    """Interims have a stability; finals have confidence, words in order and how much audio was dealt with."""
    config = streaming_config(language_code="en-US", enable_word_time_offsets=True)
    responses = list(asr.streaming_response_generator(pieces(talk(SECONDS).tobytes(), CHUNK_BYTES), config))
    results = results_of(responses)
    assert all(result.audio_processed > 0 and result.channel_tag == 1 for result in results)
    interims = [result for result in results if not result.is_final]
    assert {round(result.stability, 1) for result in interims} <= {0.9, 0.1}
    finals = [result for result in results if result.is_final]
    assert len(finals) >= 2
    for final in finals:
        [alternative] = final.alternatives
        assert alternative.transcript.endswith(" ")
        assert alternative.confidence > 0
        assert [word.word for word in alternative.words] == alternative.transcript.split()
        starts = [word.start_time for word in alternative.words]
        assert starts == sorted(starts)
        assert alternative.words[-1].end_time <= round(final.audio_processed * 1000)
    assert [final.audio_processed for final in finals] == sorted(final.audio_processed for final in finals)


def test_without_interims_only_finals_come(asr: Any) -> None:
    """Whoever has not asked for them gets none, nor words that were not asked for."""
    config = streaming_config(language_code="en-US", interim_results=False)
    responses = list(asr.streaming_response_generator(pieces(talk(SECONDS).tobytes(), CHUNK_BYTES), config))
    assert responses
    assert all(result.is_final for result in results_of(responses))
    assert not any(response.results[0].alternatives[0].words for response in responses)


@pytest.mark.parametrize("chunk_bytes", [200, 3_200, 2_000_000])
def test_files_are_sent_as_they_are(asr: Any, tmp_path: Path, chunk_bytes: int) -> None:
    """As NVIDIA's own scripts do: nothing is said of the audio or its language, and the header comes in any piece."""
    path = tmp_path / "talk.wav"
    path.write_bytes(wav(talk(SECONDS)))
    config = riva_client.StreamingRecognitionConfig(config=riva_client.RecognitionConfig())
    with riva_client.AudioChunkFileIterator(path, chunk_bytes // 2) as chunks:
        from_file = finals_of(list(asr.streaming_response_generator(chunks, config)))
    expected = finals_of(
        list(asr.streaming_response_generator(pieces(talk(SECONDS).tobytes(), CHUNK_BYTES), streaming_config()))
    )
    assert from_file == expected


@pytest.mark.parametrize("container", ["flac", "ogg", "wav"])
def test_a_whole_file_in_one_message(asr: Any, container: str) -> None:
    """Offline recognition takes files, and answers once, with a result for each utterance."""
    config = riva_client.RecognitionConfig(language_code="en-US", enable_word_time_offsets=True)
    response = asr.offline_recognize(in_container(talk(SECONDS), container), config)
    assert len(response.results) >= 2
    for result in response.results:
        [alternative] = result.alternatives
        assert len(alternative.words) == len(alternative.transcript.split())
    processed = [result.audio_processed for result in response.results]
    assert processed == sorted(processed)
    assert 0 < processed[-1] <= SECONDS + 0.1


def test_a_file_of_forty_megabytes(asr: Any) -> None:
    """It is more than gRPC takes by default, and more than a message of our own protocol may have."""
    speech, silence = talk(SECONDS).tobytes(), bytes(20_000_000)
    config = streaming_config(language_code="en-US").config
    response = asr.offline_recognize(speech + silence + silence, config)
    assert len(response.results) >= 2


def test_silence_has_one_result_without_text(asr: Any) -> None:
    """Programs look into the first result."""
    response = asr.offline_recognize(bytes(64_000), streaming_config(language_code="en-US").config)
    [result] = response.results
    assert result.alternatives[0].transcript == ""
    assert result.audio_processed == pytest.approx(2.0)


def test_what_was_good_to_know_is_in_the_last_metadata(asr: Any) -> None:
    """Riva has no notices: their codes come with the status."""
    requests = [
        riva_asr_pb2.StreamingRecognizeRequest(streaming_config=streaming_config(language_code="en-US")),
        riva_asr_pb2.StreamingRecognizeRequest(audio_content=bytes(64_000)),
    ]
    call = asr.stub.StreamingRecognize(iter(requests))
    assert not list(call)
    assert dict(call.trailing_metadata())["livetranslate-notices"] == "NO_SPEECH"


def test_an_utterance_can_be_ended(asr: Any) -> None:
    """`force_eou` makes final what was said so far."""
    audio = pieces(talk(2.0).tobytes(), CHUNK_BYTES)
    go_on = threading.Event()

    def requests() -> Iterator[Any]:
        config = streaming_config(language_code="en-US")
        yield riva_asr_pb2.StreamingRecognizeRequest(streaming_config=config)
        for chunk in audio[:-1]:
            yield riva_asr_pb2.StreamingRecognizeRequest(audio_content=chunk)
        yield riva_asr_pb2.StreamingRecognizeRequest(audio_content=audio[-1], runtime_config={"force_eou": "true"})
        go_on.wait(30)

    responses = asr.stub.StreamingRecognize(requests())
    final = next(result for response in responses for result in results_of([response]) if result.is_final)
    assert final.audio_processed <= 2.0
    go_on.set()
    list(responses)


def test_each_chunk_is_answered_where_it_is_asked_for(asr: Any) -> None:
    """Performance clients count: as many answers as messages, or one more; no word is lost by it."""
    chunks = pieces(talk(SECONDS).tobytes(), CHUNK_BYTES)
    config = streaming_config(language_code="en-US")
    expected = finals_of(list(asr.streaming_response_generator(chunks, config)))
    riva_client.add_custom_configuration_to_config(config, "answer_each_chunk:true,test_key:test_value")
    responses = list(asr.streaming_response_generator(chunks, config))
    assert len(chunks) <= len(responses) <= len(chunks) + 1
    assert finals_of(responses) == expected


def test_ids_of_requests_are_repeated(asr: Any) -> None:
    """In every answer, also of a file; where a client gives none there is none."""
    request_id = riva_common_pb2.RequestId(value="request 7")
    config = streaming_config(language_code="en-US")

    def requests() -> Iterator[Any]:
        yield riva_asr_pb2.StreamingRecognizeRequest(streaming_config=config, id=request_id)
        for chunk in pieces(talk(4.0).tobytes(), CHUNK_BYTES):
            yield riva_asr_pb2.StreamingRecognizeRequest(audio_content=chunk)

    assert {response.id.value for response in asr.stub.StreamingRecognize(requests())} == {"request 7"}
    offline = riva_asr_pb2.RecognizeRequest(config=config.config, audio=talk(4.0).tobytes(), id=request_id)
    assert asr.stub.Recognize(offline).id.value == "request 7"
    assert not asr.offline_recognize(talk(4.0).tobytes(), config.config).HasField("id")


async def test_a_call_is_a_session_like_any_other(asr: Any, client: AsyncClient) -> None:
    """It is stored under its title, its metadata name it, and its transcript can be exported."""
    config = streaming_config(language_code="en-US")
    config.config.custom_configuration["title"] = "A Riva client"
    requests = [riva_asr_pb2.StreamingRecognizeRequest(streaming_config=config)]
    requests += [riva_asr_pb2.StreamingRecognizeRequest(audio_content=talk(SECONDS).tobytes())]
    call = asr.stub.StreamingRecognize(iter(requests))
    finals = finals_of(list(call))
    metadata = dict(call.initial_metadata())
    session = await client.get_session(metadata["livetranslate-session-id"])
    assert session.title == "A Riva client"
    assert session.segment_count == len(finals)
    assert metadata["livetranslate-resume-token"]


def test_a_session_can_be_gone_on_with(asr: Any) -> None:
    """Whose call was cancelled takes it up by its id and token, and hears all finals so far again."""
    config = streaming_config(language_code="en-US")
    stay = threading.Event()

    def requests() -> Iterator[Any]:
        yield riva_asr_pb2.StreamingRecognizeRequest(streaming_config=config)
        yield riva_asr_pb2.StreamingRecognizeRequest(audio_content=talk(SECONDS).tobytes())
        stay.wait(30)

    call = asr.stub.StreamingRecognize(requests())
    first = next(result for response in call for result in response.results if result.is_final)
    metadata = dict(call.initial_metadata())
    call.cancel()
    stay.set()
    again = streaming_config(language_code="en-US")
    custom = again.config.custom_configuration
    custom["session_id"] = metadata["livetranslate-session-id"]
    custom["resume_token"] = metadata["livetranslate-resume-token"]
    custom["audio_offset_seconds"] = "0"
    heard = finals_of(list(asr.streaming_response_generator(pieces(talk(SECONDS).tobytes()), again)))
    expected = finals_of(list(asr.streaming_response_generator(pieces(talk(SECONDS).tobytes()), streaming_config())))
    assert heard == expected
    assert first.alternatives[0].transcript == heard[0]


def test_several_clients_at_once(asr: Any) -> None:
    """Eight streams side by side are told the same as one alone."""
    chunks = pieces(talk(SECONDS).tobytes(), CHUNK_BYTES)
    expected = finals_of(list(asr.streaming_response_generator(chunks, streaming_config())))
    told: list[list[str]] = []

    def listen() -> None:
        told.append(finals_of(list(asr.streaming_response_generator(chunks, streaming_config()))))

    threads = [threading.Thread(target=listen) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [expected] * 8


def test_a_recognizer_that_understands(stack: Stack) -> None:
    """With the embedded engines the words of a stream and of a file are those that were said, give or take a few."""
    with riva_connection(stack.gateway_address) as auth:
        asr = riva_client.ASRService(auth)
        audio, config = talk(8.0).tobytes(), streaming_config(speech_contexts=[{"phrases": ["Triton"], "boost": 4.0}])
        streamed = " ".join(finals_of(asr.streaming_response_generator(pieces(audio, CHUNK_BYTES), config))).split()
        results = asr.offline_recognize(audio, config.config).results
    assert len(streamed) > 10
    assert "".join(result.alternatives[0].transcript for result in results).split() == streamed


def test_recognizers_are_listed_as_scripts_list_them(asr: Any) -> None:
    """By language, once for streams and once for files; one model can be asked for by name."""
    request = riva_asr_pb2.RivaSpeechRecognitionConfigRequest()
    configs = asr.stub.GetRivaSpeechRecognitionConfig(request).model_config
    online = {config.parameters["language_code"] for config in configs if config.parameters["type"] == "online"}
    assert online == {"en"}
    assert {config.model_name for config in configs} == {"asr_null"}
    request.model_name = "another"
    assert not asr.stub.GetRivaSpeechRecognitionConfig(request).model_config


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"language_code": "xx-XX"}, "Languages: en", id="language"),
        pytest.param({"sample_rate_hertz": 0}, "sample_rate_hertz is 0", id="headerless-without-rate"),
        pytest.param({"encoding": 0, "sample_rate_hertz": 0}, "cannot be decoded", id="no-header"),
        pytest.param({"encoding": riva_client.AudioEncoding.FLAC}, "cannot be decoded", id="not-what-it-says"),
        pytest.param(
            {"endpointing_config": riva_client.EndpointingConfig(stop_threshold=7)}, "share of 0 to 1", id="endpointing"
        ),
        pytest.param({"speech_contexts": [{"phrases": ["x" * 101]}]}, "at most 100", id="phrase"),
    ],
)
def test_what_cannot_be_is_an_invalid_argument(asr: Any, options: dict[str, Any], says: str) -> None:
    """With a message that says what is wrong."""
    with refused(INVALID, says):
        list(asr.streaming_response_generator([bytes(3_200)], streaming_config(**options)))


@pytest.mark.parametrize("audio", [[], [b""]])
def test_a_stream_without_audio_is_an_invalid_argument(asr: Any, audio: list[bytes]) -> None:
    """As it is in our own protocol."""
    with refused(INVALID):
        list(asr.streaming_response_generator(audio, streaming_config()))


def test_the_configuration_comes_first_and_once(asr: Any) -> None:
    """Audio without one, or another one, ends the call."""
    audio = riva_asr_pb2.StreamingRecognizeRequest(audio_content=bytes(3_200))
    config = riva_asr_pb2.StreamingRecognizeRequest(streaming_config=streaming_config())
    for requests in ([audio], [config, audio, config], []):
        with refused(INVALID):
            list(asr.stub.StreamingRecognize(iter(requests)))
