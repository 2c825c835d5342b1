"""One session, played by our own protocol and by NVIDIA Riva's: the same audio, and the same figures."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
from riva.client.proto import riva_asr_pb2, riva_asr_pb2_grpc, riva_audio_pb2

from bench.load import Load, Note, Speaker
from bench.session import FAILED, OWN_CONNECTION
from bench.speech import CHUNK_SAMPLES
from livetranslate.client.requests import session_config
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from livetranslate.wire import samples_of_duration

INTERIM = "interim: sent to received"
FINAL = "final: sent to received"

Request = gateway_pb2.StreamingTranslateSpeechRequest


async def play_own(load: Load, speaker: Speaker, note: Note) -> None:
    """Speak over our own protocol."""

    def ends(response: gateway_pb2.StreamingTranslateSpeechResponse) -> list[tuple[bool, int]]:
        if not response.event.HasField("transcript"):
            return []
        revision = response.event.transcript.revision
        return [(revision.is_final, samples_of_duration(revision.end_offset))]

    async def call(channel: grpc.aio.Channel, audio: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async def requests() -> AsyncIterator[Request]:
            yield session_config(source="en")
            async for chunk in audio:
                yield Request(audio=chunk)

        async for response in gateway_pb2_grpc.LiveTranslateServiceStub(channel).StreamingTranslateSpeech(requests()):
            yield response

    await _play(load, speaker, note, call, ends)


async def play_riva(load: Load, speaker: Speaker, note: Note) -> None:
    """Speak over Riva's."""
    recognition = riva_asr_pb2.RecognitionConfig(
        encoding=riva_audio_pb2.LINEAR_PCM,
        sample_rate_hertz=SAMPLE_RATE_HERTZ,
        language_code="en",
        enable_word_time_offsets=True,  # our own protocol tells them, too
    )
    config = riva_asr_pb2.StreamingRecognitionConfig(config=recognition, interim_results=True)

    def ends(response: Any) -> list[tuple[bool, int]]:
        last = response.results[-1]
        return [(last.is_final, round(last.audio_processed * SAMPLE_RATE_HERTZ))]

    async def call(channel: grpc.aio.Channel, audio: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async def requests() -> AsyncIterator[Any]:
            yield riva_asr_pb2.StreamingRecognizeRequest(streaming_config=config)
            async for chunk in audio:
                yield riva_asr_pb2.StreamingRecognizeRequest(audio_content=chunk)

        async for response in riva_asr_pb2_grpc.RivaSpeechRecognitionStub(channel).StreamingRecognize(requests()):
            yield response

    await _play(load, speaker, note, call, ends)


async def _play(
    load: Load,
    speaker: Speaker,
    note: Note,
    call: Callable[[grpc.aio.Channel, AsyncIterator[bytes]], AsyncIterator[Any]],
    ends: Callable[[Any], list[tuple[bool, int]]],
) -> None:
    """Note for each answer how long ago the last of the audio that it tells of was sent."""
    sent: list[float] = []

    async def audio() -> AsyncIterator[bytes]:
        async for chunk in speaker.chunks(note):
            sent.append(time.monotonic())
            yield chunk

    try:
        async with grpc.aio.insecure_channel(load.address, options=OWN_CONNECTION) as channel:
            async for response in call(channel, audio()):
                now = time.monotonic()
                for is_final, end_sample in ends(response):
                    last_chunk = min(-(-end_sample // CHUNK_SAMPLES) - 1, len(sent) - 1)
                    note(FINAL if is_final else INTERIM, now, now - sent[last_chunk])
    except grpc.aio.AioRpcError as error:
        note(f"{FAILED}{error.code().name}", time.monotonic(), 0)
