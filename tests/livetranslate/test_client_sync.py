from concurrent.futures import ThreadPoolExecutor

import grpc
import grpc_testing
import pytest

from livetranslate.client import Client, TranslateError, sync
from livetranslate.v1 import gateway_pb2

SPEECH = gateway_pb2.DESCRIPTOR.services_by_name["LiveTranslateService"]
SESSIONS = gateway_pb2.DESCRIPTOR.services_by_name["SessionService"]
TRANSLATE = SPEECH.methods_by_name["StreamingTranslateSpeech"]


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> grpc_testing.Channel:
    """A channel whose other end is the test: each message is taken and answered one by one."""
    channel = grpc_testing.channel([SPEECH, SESSIONS], grpc_testing.strict_real_time())
    monkeypatch.setattr(sync, "connect", lambda _credentials, _extra: lambda _address, _options: channel)
    return channel


def test_a_stream_is_config_then_audio_then_its_end(channel: grpc_testing.Channel) -> None:
    """The messages come in the order of the contract, and events go out as they come in."""
    started = gateway_pb2.SessionEvent(session_started=gateway_pb2.SessionStarted(session_id="s1"))
    with ThreadPoolExecutor(1) as caller:
        client = Client("anywhere:1")
        told = caller.submit(lambda: list(client.translate([b"\1\0", b"\2\0"], source="en", targets=["es"])))
        _, rpc = channel.take_stream_stream(TRANSLATE)
        rpc.send_initial_metadata(())
        config, first, second = (rpc.take_request() for _ in range(3))
        rpc.requests_closed()
        rpc.send_response(gateway_pb2.StreamingTranslateSpeechResponse(event=started))
        rpc.terminate((), grpc.StatusCode.OK, "")
        assert told.result(timeout=10) == [started]
    assert config.config.source_language_code == "en"
    assert [target.language_code for target in config.config.targets] == ["es"]
    assert (first.audio, second.audio) == (b"\1\0", b"\2\0")


def test_a_status_without_details_is_an_error_with_its_code(channel: grpc_testing.Channel) -> None:
    """A server that explains nothing still gives the code and its message, and no reason is made up."""
    with ThreadPoolExecutor(1) as caller:
        asked = caller.submit(Client("anywhere:1").get_session, "s1")
        _, request, rpc = channel.take_unary_unary(SESSIONS.methods_by_name["GetSession"])
        rpc.terminate(gateway_pb2.GetSessionResponse(), (), grpc.StatusCode.RESOURCE_EXHAUSTED, "too many")
        with pytest.raises(TranslateError, match="too many") as raised:
            asked.result(timeout=10)
    assert request.session_id == "s1"
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "")
