"""One session of a load test: audio in real time into the gateway, and everything that comes back, unread.

The load and the system share the machine, so this does as little as it can: requests are serialized beforehand, and
answers are parsed when the test is over. The audio is spoken on time whether or not the server keeps up (an open loop):
where flow control holds a chunk up, latency counts from when it was spoken, not from when it could be sent.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any, Final

import grpc

from bench.capacity.script import audio_from
from bench.load import CHUNK_SECONDS
from bench.session import OWN_CONNECTION, TARGET
from livetranslate.client import TranslateError
from livetranslate.client.requests import session_config
from livetranslate.v1 import gateway_pb2

PATIENCE_SECONDS: Final = 15.0  # for the rest of the answers once the audio has ended

_METHOD: Final = "/livetranslate.v1.LiveTranslateService/StreamingTranslateSpeech"


@dataclass(frozen=True, slots=True)
class Visit:
    """A session to play; times are those of `time.monotonic`, which all processes of a machine share.

    Attributes:
        place: Where in the recording it begins, 0 to `PLACES` - 1.
        start: When it opens the session, and begins to speak.
        end: When it stops.
        until: Until when it comes again where it is refused, and told when; 0: it does not.
        is_knocking: Whether it is one of those who come where it is full.
    """

    place: int
    start: float
    end: float
    until: float = 0.0
    is_knocking: bool = False

    @property
    def chunk_count(self) -> int:
        """How many chunks it says."""
        return max(0, int((self.end - self.start) / CHUNK_SECONDS))

    def spoken_at(self, chunk: int) -> float:
        """When the last sample of a chunk was spoken."""
        return self.start + (chunk + 1) * CHUNK_SECONDS


@dataclass(slots=True)
class Record:
    """What became of a visit.

    Attributes:
        visit: Which one; it starts when it was let in.
        slips: How long after each chunk was spoken gRPC had taken it.
        answers: When each came, and it as it was on the wire.
        failure: Why the session ended before its time: the reason that the server told, or the status; else empty.
        is_refused: Whether it was not let in, for there was no room.
        retry_seconds: After which time it was told to try again; 0: nothing was said.
        ended_at: When its stream ended.
    """

    visit: Visit
    slips: list[float] = field(default_factory=list)
    answers: list[tuple[float, bytes]] = field(default_factory=list)
    failure: str = ""
    is_refused: bool = False
    retry_seconds: float = 0.0
    ended_at: float = 0.0


async def play(address: str, visit: Visit) -> Record:
    """Play a session to its end; one that is refused comes again when it was told to, as long as it may."""
    while True:
        record = await _play_once(address, visit)
        if not record.is_refused or (start := record.ended_at + record.retry_seconds) > visit.until:
            return record
        visit = replace(visit, start=start)


async def _play_once(address: str, visit: Visit) -> Record:
    record = Record(visit)
    requests = _requests(visit)
    await asyncio.sleep(visit.start - time.monotonic())
    try:
        async with (
            asyncio.timeout(visit.end - time.monotonic() + PATIENCE_SECONDS),
            grpc.aio.insecure_channel(address, options=OWN_CONNECTION) as channel,
        ):
            call: Any = channel.stream_stream(_METHOD)()
            await _converse(call, requests, record)
    except grpc.aio.AioRpcError as error:
        _note_failure(record, TranslateError.from_rpc(error))
    except TimeoutError:
        record.failure = "UNFINISHED"
    record.ended_at = time.monotonic()
    return record


async def _converse(call: Any, requests: Sequence[bytes], record: Record) -> None:
    speaking = asyncio.create_task(_speak(call, requests, record))
    try:
        async for answer in call:
            record.answers.append((time.monotonic(), answer))
    finally:
        speaking.cancel()
        await asyncio.wait([speaking])


async def _speak(call: Any, requests: Sequence[bytes], record: Record) -> None:
    try:
        await call.write(_config())
        for chunk, request in enumerate(requests):
            spoken_at = record.visit.spoken_at(chunk)
            await asyncio.sleep(spoken_at - time.monotonic())
            await call.write(request)
            record.slips.append(time.monotonic() - spoken_at)
        await call.done_writing()
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        return  # the stream is over before its time: its reader is told why


def _note_failure(record: Record, error: TranslateError) -> None:
    record.failure = error.reason or error.code.name
    record.is_refused = error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and not record.answers
    record.retry_seconds = error.retry_delay_seconds


@cache
def _config() -> bytes:
    return session_config(source="en", targets=[TARGET]).SerializeToString()


def _requests(visit: Visit) -> list[bytes]:
    return [_request(chunk) for chunk in islice(audio_from(visit.place), visit.chunk_count)]


@cache  # of the few hundred chunks of the recording
def _request(chunk: bytes) -> bytes:
    return gateway_pb2.StreamingTranslateSpeechRequest(audio=chunk).SerializeToString()
