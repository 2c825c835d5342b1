import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from livetranslate.client import AsyncClient, Client, TranslateError
from livetranslate.client.error_details import ErrorInfo, error_info
from livetranslate.v1 import gateway_pb2
from tests.livetranslate.fake_gateway import BYTES_PER_SECOND, FakeGateway, fake_gateway

SECOND = bytes(BYTES_PER_SECOND)


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with fake_gateway() as served:
        yield served


@pytest.fixture
async def client(gateway: FakeGateway) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(gateway.address) as connected:
        yield connected


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield SECOND


async def came(event: object) -> bool:
    """Waits for a `threading.Event` of the fake without holding up the loop."""
    return await asyncio.to_thread(event.wait, 5)  # type: ignore[attr-defined]


def kinds(events: list[gateway_pb2.SessionEvent]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


async def test_ten_lines_translate(client: AsyncClient) -> None:
    """Streaming audio yields the session's events in order, to the summary."""
    events = [event async for event in client.translate([SECOND, SECOND], source="en", targets=["es"])]
    texts = [event.translation.revision.committed_text for event in events if event.HasField("translation")]
    assert texts == ["es 0", "es 1"]
    assert kinds(events)[0] == "session_started"
    assert kinds(events)[-1] == "summary"


async def test_config_says_everything(client: AsyncClient, gateway: FakeGateway) -> None:
    """The config comes first and carries every option; a spoken language is a target, too."""
    async for _ in client.translate(
        [],
        source="en",
        targets=["ca"],
        speech=["es"],
        voices={"es": "Rosa"},
        encoding="pcm_f32le",
        sample_rate_hertz=48_000,
        channel_count=2,
        title="Talk",
    ):
        pass
    config = gateway.requests[0].config
    assert [(target.language_code, target.speech, target.voice) for target in config.targets] == [
        ("ca", False, ""),
        ("es", True, "Rosa"),
    ]
    assert (config.audio_format.encoding, config.audio_format.sample_rate_hertz) == (2, 48_000)
    assert (config.audio_format.channel_count, config.title) == (2, "Talk")


async def test_long_audio_is_split(client: AsyncClient, gateway: FakeGateway) -> None:
    """A chunk over 64 KiB is sent as several messages that add up to it."""
    audio = bytes(range(256)) * 600
    async for _ in client.translate([audio], source="en"):
        pass
    sent = [request.audio for request in gateway.requests[1:]]
    assert [len(part) for part in sent] == [65_536, 65_536, 22_528]
    assert b"".join(sent) == audio


async def test_audio_waits_for_the_server(client: AsyncClient, gateway: FakeGateway) -> None:
    """Audio is not read far ahead of a server that takes none."""
    gateway.may_go_on.clear()
    drawn = 0
    stalled = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        nonlocal drawn
        while True:
            drawn += 1
            yield bytes(64 * 1024)

    async def notice_stall() -> None:
        before = -1
        while before != drawn:  # two looks with many turns of the loop between them see the same count
            before = drawn
            for _ in range(2_000):
                await asyncio.sleep(0)
        stalled.set()

    async with asyncio.timeout(60), aclosing(client.translate(source(), source="en")) as events:
        await anext(events)
        await notice_stall()  # how far ahead is gRPC's choice; without a stall memory would fill without end
    assert stalled.is_set()


async def test_leaving_the_loop_cancels(client: AsyncClient, gateway: FakeGateway) -> None:
    """Breaking out of the loop ends the call at the server."""
    async for event in client.translate(endless(), source="en"):
        if event.HasField("transcript"):
            break
    assert await came(gateway.cancelled)


async def test_cancelling_the_caller_cancels(client: AsyncClient, gateway: FakeGateway) -> None:
    """Cancelling the task that iterates ends the call at the server and raises CancelledError."""

    async def follow() -> None:
        async for _ in client.translate(endless(), source="en"):
            pass

    task = asyncio.create_task(follow())
    assert await came(gateway.opened)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await came(gateway.cancelled)


async def test_failing_audio_is_raised(client: AsyncClient, gateway: FakeGateway) -> None:
    """An error of the audio cancels the call and reaches the one who iterates, unchanged."""

    async def broken() -> AsyncIterator[bytes]:
        yield SECOND
        assert await came(gateway.opened)
        raise OSError("the microphone is gone")

    with pytest.raises(OSError, match="the microphone is gone"):
        async for _ in client.translate(broken(), source="en"):
            pass
    assert await came(gateway.cancelled)


async def test_refusal_carries_reason(client: AsyncClient) -> None:
    """A refused session raises the status, the sentence and the ErrorInfo of the server."""
    with pytest.raises(TranslateError) as caught:
        async for _ in client.translate(endless(), source="xx"):
            pass
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert str(caught.value) == "No recognizer for 'xx'. There is: en."
    assert caught.value.reason == "LANGUAGE_NOT_SUPPORTED"
    assert caught.value.metadata == {"language_code": "xx"}


async def test_refusal_while_sending_keeps_its_status(client: AsyncClient) -> None:
    """However the refusal and the audio race, the status is the server's."""
    for _ in range(100):
        with pytest.raises(TranslateError) as caught:
            async for _ in client.translate(endless(), source="xx"):
                pass
        assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_early_end_while_sending_is_no_error(client: AsyncClient, gateway: FakeGateway) -> None:
    """A server that closes the session in order ends the loop in order, although audio was still on its way."""
    gateway.ends_early = True
    for _ in range(100):
        events = [event async for event in client.translate(endless(), source="en")]
        assert kinds(events)[-1] == "summary"


async def test_sending_to_an_ended_session(client: AsyncClient, gateway: FakeGateway) -> None:
    """Audio for a session that the server has closed in order is refused on this side."""
    gateway.ends_early = True
    async with client.open_session(source="en") as session:
        await session.send_audio(SECOND)
        assert kinds([event async for event in session])[-1] == "summary"
        with pytest.raises(asyncio.InvalidStateError):
            await session.send_audio(SECOND)


async def test_unreachable_server() -> None:
    """A server that is not there is UNAVAILABLE."""
    async with AsyncClient("127.0.0.1:1") as client:
        with pytest.raises(TranslateError) as caught:
            async for _ in client.translate([SECOND], source="en"):
                pass
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


async def test_live_control(client: AsyncClient, gateway: FakeGateway) -> None:
    """A session takes audio, new targets, a flush and the end while its events are read."""
    async with client.open_session(source="en", targets=["es"]) as session:
        events = aiter(session)
        await session.send_audio(SECOND)
        while not (await anext(events)).HasField("checkpoint"):
            pass
        await session.set_targets(["ca"], speech=["fr"])
        await session.flush()
        await session.send_audio(SECOND)
        await session.finish()
        rest = [event async for event in events]
    languages = [event.translation.revision.language_code for event in rest if event.HasField("translation")]
    assert languages == ["ca", "fr"]
    assert any(request.HasField("flush") for request in gateway.requests)
    assert rest[-1].summary.segment_count == 2
    assert not gateway.cancelled.is_set()


async def test_session_left_early_is_cancelled(client: AsyncClient, gateway: FakeGateway) -> None:
    """Leaving the block of an unfinished session ends it at the server."""
    async with client.open_session(source="en"):
        assert await came(gateway.opened)
    assert await came(gateway.cancelled)


async def test_stored_sessions(client: AsyncClient, gateway: FakeGateway) -> None:
    """Sessions can be listed over several pages, got, exported, watched and deleted."""
    for _ in range(3):
        async for _ in client.translate([SECOND, SECOND], source="en", targets=["es"]):
            pass
    ids = [session.session_id async for session in client.list_sessions()]
    assert ids == ["session-3", "session-2", "session-1"]
    assert (await client.get_session("session-2")).segment_count == 2
    assert await client.export_session("session-2", "vtt", language="es") == b"EXPORT_FORMAT_VTT es"
    events = [event async for event in client.watch("session-2", after_event_number=3)]
    assert kinds(events) == ["translation", "summary"]
    await client.delete_session("session-2")
    with pytest.raises(TranslateError, match="no session 'session-2'") as caught:
        await client.get_session("session-2")
    assert caught.value.code is grpc.StatusCode.NOT_FOUND


async def test_capabilities(client: AsyncClient) -> None:
    """The client asks what the server can do."""
    assert (await client.capabilities()).version == "fake"


def test_sync_translates(gateway: FakeGateway) -> None:
    """The client without asyncio yields the same events."""
    with Client(gateway.address) as client:
        events = list(client.translate(iter([SECOND]), source="en", targets=["es"], speech=["es"]))
    assert kinds(events) == [
        "session_started",
        "transcript",
        "transcript",
        "translation",
        "speech",
        "speech",
        "checkpoint",
        "summary",
    ]


def test_sync_leaving_the_loop_cancels(gateway: FakeGateway) -> None:
    """Breaking out of the loop ends the call at the server."""

    def endless_audio() -> Iterator[bytes]:
        while True:
            yield SECOND

    with Client(gateway.address) as client:
        for event in client.translate(endless_audio(), source="en"):
            if event.HasField("transcript"):
                break
        assert gateway.cancelled.wait(5)


def test_sync_failing_audio_is_raised(gateway: FakeGateway) -> None:
    """An error of the audio cancels the call and reaches the one who iterates, unchanged."""

    def broken() -> Iterator[bytes]:
        yield SECOND
        assert gateway.opened.wait(5)
        raise OSError("the microphone is gone")

    with Client(gateway.address) as client, pytest.raises(OSError, match="the microphone is gone"):
        list(client.translate(broken(), source="en"))
    assert gateway.cancelled.wait(5)


def test_sync_refusal_carries_reason(gateway: FakeGateway) -> None:
    """A refused session raises the server's reason in the client without asyncio, too."""
    with Client(gateway.address) as client, pytest.raises(TranslateError) as caught:
        list(client.translate([SECOND], source="xx"))
    assert caught.value.reason == "LANGUAGE_NOT_SUPPORTED"


def test_sync_stored_sessions(gateway: FakeGateway) -> None:
    """Stored sessions can be used without asyncio."""
    with Client(gateway.address) as client:
        for _ in range(3):
            list(client.translate([SECOND], source="en"))
        assert [session.session_id for session in client.list_sessions()] == ["session-3", "session-2", "session-1"]
        assert kinds(list(client.watch("session-1"))) == ["transcript", "summary"]
        assert client.get_session("session-1").segment_count == 1
        assert client.export_session("session-1", "srt") == b"EXPORT_FORMAT_SRT "
        assert client.capabilities().version == "fake"
        client.delete_session("session-1")
        with pytest.raises(TranslateError, match="no session"):
            client.get_session("session-1")


@pytest.mark.parametrize("status", [b"", b"\xff\xff", b"\x1a\x02\x0a\x00"])
def test_statuses_without_details(status: bytes) -> None:
    """A status without readable details gives an empty reason instead of another error."""
    assert error_info(status) == ErrorInfo()


def test_a_server_says_when_to_come_again() -> None:
    """The pause that a refusal asks for is read beside its reason."""
    status = status_pb2.Status()
    for detail in (
        error_details_pb2.ErrorInfo(reason="TOO_MANY_SESSIONS"),
        error_details_pb2.RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000)),
    ):
        status.details.add().Pack(detail)
    assert error_info(status.SerializeToString()) == ErrorInfo("TOO_MANY_SESSIONS", {}, 2.5)


async def test_tls_credentials_are_used(gateway: FakeGateway) -> None:
    """With credentials the client speaks TLS, which a plaintext server does not understand."""
    async with AsyncClient(gateway.address, credentials=grpc.ssl_channel_credentials()) as client:
        with pytest.raises(TranslateError) as caught:
            await client.capabilities()
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


def test_needs_only_grpcio_and_protobuf() -> None:
    """The SDK works where nothing but grpcio, protobuf and the standard library can be imported."""
    program = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        known = {"grpc", "google", "livetranslate", "typing_extensions", "cython_runtime"} | sys.stdlib_module_names
        foreign = name.partition(".")[0] not in known or name.startswith("google.") and "google.protobuf" not in name
        if foreign:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Refuse())
import livetranslate.client
livetranslate.client.Client("127.0.0.1:1").close()
print("works", "google.rpc" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("works False\n", "")
