"""What clients may do wrong: each gets the right status with a reason, or a notice, and harms nobody else."""

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
import numpy as np
import pytest

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.client.requests import session_config
from livetranslate.stack.stack import Stack
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from tests.gateway.states import until_suspended
from tests.gateway.talk import in_container, pieces, talk
from tests.gateway.told import Told
from tests.rpc import read_all

INVALID = grpc.StatusCode.INVALID_ARGUMENT
Request = gateway_pb2.StreamingTranslateSpeechRequest

CONFIG = session_config(source="en")
AUDIO = Request(audio=bytes(3_200))


async def failure_of(client: AsyncClient, audio: Iterable[bytes] = (bytes(3_200),), **options: Any) -> TranslateError:
    """The error that ends the session."""
    with pytest.raises(TranslateError) as raised:
        await Told.of(client.translate(audio, **{"source": "en", **options}))
    return raised.value


@pytest.mark.parametrize(
    ("options", "reason", "says"),
    [
        pytest.param({"source": "xx"}, "LANGUAGE_NOT_SUPPORTED", "Languages: en", id="unknown-language"),
        pytest.param({"source": ""}, "LANGUAGE_MISSING", "e.g. en", id="no-language"),
        pytest.param({"targets": ["ja"]}, "PAIR_NOT_SUPPORTED", "en → ca, en → eo, en → es", id="pair-without-model"),
        pytest.param({"targets": ["en"]}, "PAIR_NOT_SUPPORTED", "en → es", id="target-is-the-source"),
        pytest.param(
            {"targets": ["es"], "speech": ["es"], "voices": {"es": "nobody"}},
            "VOICE_NOT_SUPPORTED",
            "Voices: es",
            id="unknown-voice",
        ),
        pytest.param(
            {"speech": ["es"], "voices": {"es": "speaker"}, "voice_cloning_consent": True},
            "VOICE_CLONING_OFF",
            "LIVETRANSLATE_GATEWAY_VOICE_CLONING=true",
            id="cloning-is-off",
        ),
        pytest.param({"sample_rate_hertz": 4_000}, "AUDIO_FORMAT_INVALID", "8,000 to 48,000 Hz", id="wrong-rate"),
        pytest.param({"sample_rate_hertz": 0}, "AUDIO_FORMAT_INVALID", "8,000 to 48,000 Hz", id="no-rate"),
        pytest.param({"channel_count": 9}, "AUDIO_FORMAT_INVALID", "1 to 8 channels", id="too-many-channels"),
        pytest.param({"title": "x" * 201}, "TITLE_TOO_LONG", "200", id="long-title"),
    ],
)
async def test_a_wrong_configuration_is_refused(
    client: AsyncClient, options: dict[str, Any], reason: str, says: str
) -> None:
    """The session never starts, and the message lists what there is."""
    error = await failure_of(client, **options)
    assert (error.code, error.reason) == (INVALID, reason)
    assert says in error.message


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        pytest.param([], "CONFIG_EXPECTED", id="empty-stream"),
        pytest.param([AUDIO, CONFIG], "CONFIG_EXPECTED", id="audio-first"),
        pytest.param([CONFIG, AUDIO, CONFIG], "CONFIG_REPEATED", id="config-twice"),
        pytest.param([CONFIG, Request()], "REQUEST_EMPTY", id="empty-message"),
        pytest.param([CONFIG], "AUDIO_EMPTY", id="no-audio"),
        pytest.param([CONFIG, Request(audio=b"")], "AUDIO_EMPTY", id="audio-without-samples"),
        pytest.param([CONFIG, Request(audio=bytes(1024 * 1024 + 2))], "AUDIO_MESSAGE_TOO_LARGE", id="large-audio"),
        pytest.param(
            [
                Request(
                    config=gateway_pb2.SessionConfig(
                        source_language_code="en",
                        targets=[gateway_pb2.Target(language_code="es")] * 2,
                        audio_format=CONFIG.config.audio_format,
                    )
                )
            ],
            "TARGET_REPEATED",
            id="target-twice",
        ),
        pytest.param(
            [
                Request(
                    config=gateway_pb2.SessionConfig(
                        source_language_code="en",
                        targets=[gateway_pb2.Target(language_code=f"es-{number:03}") for number in range(17)],
                        audio_format=CONFIG.config.audio_format,
                    )
                )
            ],
            "TOO_MANY_TARGETS",
            id="17-targets",
        ),
    ],
)
async def test_messages_out_of_order_or_bounds_end_the_session(
    null_stack: Stack, requests: list[Request], reason: str
) -> None:
    """What breaks the contract of the stream is INVALID_ARGUMENT, by name."""
    status = await ending_of(null_stack, requests)
    assert (status.code, status.reason) == (INVALID, reason)


async def test_a_message_over_the_limit_is_refused_by_grpc(null_stack: Stack) -> None:
    """It is never read as a whole: the limit is that of the largest message that any door takes."""
    status = await ending_of(null_stack, [CONFIG, Request(audio=bytes(65 * 1024 * 1024))])
    assert status.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def ending_of(stack: Stack, requests: Iterable[Request]) -> TranslateError:
    """The status that ends a stream of these requests."""
    async with grpc.aio.insecure_channel(stack.gateway_address) as channel:
        call = gateway_pb2_grpc.LiveTranslateServiceStub(channel).StreamingTranslateSpeech(iter(requests))
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await read_all(call)
        return TranslateError.from_rpc(raised.value)


@pytest.mark.parametrize("data", [b"neither sound nor speech" * 100, b"fLaC" + bytes(5_000), b"RI"])
async def test_garbage_is_refused(client: AsyncClient, data: bytes) -> None:
    """Bytes that are no container, or only begin like one, end the session with what is accepted."""
    error = await failure_of(client, [data], encoding="container")
    assert (error.code, error.reason) == (INVALID, "AUDIO_UNDECODABLE")
    assert "FLAC" in error.message


async def test_a_cut_container_is_used_up_to_the_cut(client: AsyncClient) -> None:
    """Everything before the cut becomes captions, and a notice tells of it."""
    whole = in_container(talk(10), "flac")
    told = await Told.of(client.translate(pieces(whole[: len(whole) // 2]), source="en", encoding="container"))
    assert told.notices == ["AUDIO_TRUNCATED"]
    assert told.finals
    assert 3 <= told.summary.audio_duration.ToSeconds() <= 7


@pytest.mark.parametrize("level", [0, 30])
async def test_audio_without_speech_is_said_to_have_none(client: AsyncClient, level: int) -> None:
    """Silence and noise end well, with a notice and without a segment."""
    noise = (np.random.default_rng(0).normal(size=48_000) * level).astype(np.int16)
    told = await Told.of(client.translate(pieces(noise.tobytes()), source="en", targets=["es"]))
    assert told.notices == ["NO_SPEECH"]
    assert told.finals == {}
    assert told.checkpoints[-1] == noise.size


async def test_a_client_that_vanishes_leaves_its_finals(client: AsyncClient) -> None:
    """The session is suspended, and what was final is stored."""
    audio = talk(8).tobytes()
    async with client.open_session(source="en", targets=["es"], speech=["es"]) as session:
        events = aiter(session)
        session_id = (await anext(events)).session_started.session_id
        await session.send_audio(audio)
        while not (event := await anext(events)).event_number:
            pass
    stored = await until_suspended(client, session_id)
    transcript = await client.export_session(session_id, "txt")
    assert event.transcript.revision.committed_text in transcript.decode()
    assert not stored.HasField("end_time")


async def test_a_wrong_client_harms_no_other(client: AsyncClient) -> None:
    """While others fail in every way, a session goes its way."""
    good = Told.of(client.translate(pieces(talk(6).tobytes()), source="en", targets=["es"]))
    bad = [failure_of(client, [b"garbage"], encoding="container") for _ in range(10)]
    told, *errors = await asyncio.gather(good, *bad)
    assert isinstance(told, Told)
    assert told.translated("es") == list(told.finals)
    assert {error.reason for error in errors if isinstance(error, TranslateError)} == {"AUDIO_UNDECODABLE"}
