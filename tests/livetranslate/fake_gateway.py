"""A gateway that answers by rule: each second of audio is one segment of known text.

It serves the real protos on a real port, in threads, and remembers what it was asked.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import grpc
from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health, health_pb2_grpc

from livetranslate.errors import InvalidArgumentError
from livetranslate.status import status_code, trailing_metadata
from livetranslate.v1 import asr_pb2, gateway_pb2, gateway_pb2_grpc, mt_pb2, tts_pb2, types_pb2

BYTES_PER_SECOND = 32_000
SPEECH_RATE = 8_000
SPEECH_CHUNK = b"\x01\x00" * (SPEECH_RATE // 4)
PAGE_SIZE = 2

Request = gateway_pb2.StreamingTranslateSpeechRequest
Response = gateway_pb2.StreamingTranslateSpeechResponse
Event = gateway_pb2.SessionEvent


@dataclass
class FakeGateway(gateway_pb2_grpc.LiveTranslateServiceServicer, gateway_pb2_grpc.SessionServiceServicer):
    """Holds what it was told, and events by which tests wait for it and make it wait."""

    address: str = ""
    requests: list[Request] = field(default_factory=list)
    sessions: dict[str, list[Event]] = field(default_factory=dict)
    stored: dict[str, gateway_pb2.Session] = field(default_factory=dict)
    ends_early: bool = False
    may_go_on: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def StreamingTranslateSpeech(
        self, requests: Iterator[Request], context: grpc.ServicerContext
    ) -> Iterator[Response]:
        first = next(requests)
        self.requests.append(first)
        if first.config.source_language_code != "en":
            refuse_language(context, first.config.source_language_code)
        session = _Session(f"session-{len(self.sessions) + 1}", first.config)
        self.sessions[session.session_id] = session.log
        self.stored[session.session_id] = session.record()
        context.add_callback(lambda: self._ended(session))
        yield from _sent(session.start())
        self.opened.set()
        self.may_go_on.wait(timeout=10)
        for request in requests:
            self.requests.append(request)
            yield from _sent(session.receive(request))
            if self.ends_early:
                break
        yield from _sent(session.finish())
        session.is_finished = True  # only now: gRPC does not come back here when the client has cancelled
        self.stored[session.session_id] = session.record()

    def WatchSession(
        self, request: gateway_pb2.WatchSessionRequest, context: grpc.ServicerContext
    ) -> Iterator[gateway_pb2.WatchSessionResponse]:
        self._known(request.session_id, context)
        for event in self.sessions[request.session_id]:
            if event.HasField("summary"):
                self.may_go_on.wait(timeout=10)
            if event.event_number > request.after_event_number or event.HasField("summary"):
                yield gateway_pb2.WatchSessionResponse(event=event)

    def GetCapabilities(
        self, request: gateway_pb2.GetCapabilitiesRequest, context: grpc.ServicerContext
    ) -> gateway_pb2.GetCapabilitiesResponse:
        del request, context
        return gateway_pb2.GetCapabilitiesResponse(version="fake")

    def GetSession(
        self, request: gateway_pb2.GetSessionRequest, context: grpc.ServicerContext
    ) -> gateway_pb2.GetSessionResponse:
        self._known(request.session_id, context)
        return gateway_pb2.GetSessionResponse(session=self.stored[request.session_id])

    def ListSessions(
        self, request: gateway_pb2.ListSessionsRequest, context: grpc.ServicerContext
    ) -> gateway_pb2.ListSessionsResponse:
        del context
        start = int(request.page_token or 0)
        newest_first = list(reversed(self.stored.values()))
        more = start + PAGE_SIZE < len(newest_first)
        return gateway_pb2.ListSessionsResponse(
            sessions=newest_first[start : start + PAGE_SIZE], next_page_token=str(start + PAGE_SIZE) if more else ""
        )

    def ExportSession(
        self, request: gateway_pb2.ExportSessionRequest, context: grpc.ServicerContext
    ) -> gateway_pb2.ExportSessionResponse:
        self._known(request.session_id, context)
        name = gateway_pb2.ExportFormat.Name(request.format)
        return gateway_pb2.ExportSessionResponse(content=f"{name} {request.language_code}".encode())

    def DeleteSession(
        self, request: gateway_pb2.DeleteSessionRequest, context: grpc.ServicerContext
    ) -> gateway_pb2.DeleteSessionResponse:
        self._known(request.session_id, context)
        del self.stored[request.session_id]
        return gateway_pb2.DeleteSessionResponse()

    def _ended(self, session: "_Session") -> None:
        if not session.is_finished:
            self.cancelled.set()

    def _known(self, session_id: str, context: grpc.ServicerContext) -> None:
        if session_id not in self.stored:
            context.abort(grpc.StatusCode.NOT_FOUND, f"There is no session {session_id!r}.")


@contextmanager
def fake_gateway() -> Iterator[FakeGateway]:
    """Serves a fake gateway on a free port of the loopback."""
    gateway = FakeGateway()
    gateway.may_go_on.set()
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    gateway_pb2_grpc.add_LiveTranslateServiceServicer_to_server(gateway, server)
    gateway_pb2_grpc.add_SessionServiceServicer_to_server(gateway, server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    gateway.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield gateway
    finally:
        gateway.may_go_on.set()
        server.stop(grace=0).wait()


def refuse_language(context: grpc.ServicerContext, language: str) -> None:
    """Ends a call as the gateway does for a language that no model has."""
    error = InvalidArgumentError(
        "LANGUAGE_NOT_SUPPORTED", f"No recognizer for {language!r}. There is: en.", language_code=language
    )
    context.set_trailing_metadata(trailing_metadata(error))
    context.abort(status_code(error), error.message)


class _Session:
    """One session's rule: what comes out for what went in."""

    def __init__(self, session_id: str, config: gateway_pb2.SessionConfig) -> None:
        self.session_id = session_id
        self.log: list[Event] = []
        self.is_finished = False
        self._config = config
        self._targets = list(config.targets)
        self._received_bytes = 0
        self._segments = 0
        self._numbers = count(1)

    def start(self) -> list[Event]:
        return [Event(session_started=gateway_pb2.SessionStarted(session_id=self.session_id))]

    def receive(self, request: Request) -> list[Event]:
        if request.HasField("targets"):
            self._targets = list(request.targets.targets)
        self._received_bytes += len(request.audio)
        events = []
        while self._received_bytes >= (self._segments + 1) * BYTES_PER_SECOND:
            events += self._segment()
        return events

    def finish(self) -> list[Event]:
        summary = gateway_pb2.SessionSummary(
            session_id=self.session_id,
            audio_duration=seconds(self._received_bytes / BYTES_PER_SECOND),
            segment_count=self._segments,
            word_count=2 * self._segments,
        )
        self.log.append(Event(summary=summary))
        return self.log[-1:]

    def record(self) -> gateway_pb2.Session:
        return gateway_pb2.Session(
            session_id=self.session_id,
            title=self._config.title,
            state=gateway_pb2.SESSION_STATE_COMPLETED if self.is_finished else gateway_pb2.SESSION_STATE_ACTIVE,
            source_language_code="en",
            target_language_codes=[target.language_code for target in self._targets],
            segment_count=self._segments,
            audio_duration=seconds(self._received_bytes / BYTES_PER_SECOND),
        )

    def _segment(self) -> list[Event]:
        start, self._segments = self._segments, self._segments + 1
        events = [
            transcript(start, f"word {start}", "tail"),
            transcript(start, f"word {start}", final=next(self._numbers)),
        ]
        events += [translation(start, target.language_code, next(self._numbers)) for target in self._targets]
        events += [
            spoken(start, target.language_code, is_last=last)
            for target in self._targets
            if target.speech
            for last in (False, True)
        ]
        self.log += [event for event in events if event.event_number]
        checkpoint = gateway_pb2.Checkpoint(durable_offset=seconds(start + 1), last_event_number=len(self.log))
        return [*events, Event(checkpoint=checkpoint)]


def seconds(value: float) -> Duration:
    return Duration(seconds=int(value), nanos=round(value % 1 * 1e9))


def transcript(start: int, committed: str, unstable: str = "", *, final: int = 0) -> Event:
    """The transcript of the second from `start`; `final` is its event number."""
    revision = asr_pb2.TranscriptRevision(
        segment_id=f"{start * 16_000:012}",
        committed_text=committed,
        unstable_text=unstable,
        is_final=bool(final),
        start_offset=seconds(start),
        end_offset=seconds(start + 1),
        hop_times=[types_pb2.HopTime(hop="asr", duration=seconds(0.1))],
    )
    return Event(event_number=final, transcript=gateway_pb2.Transcript(revision=revision, lag=seconds(0.2)))


def translation(start: int, language: str, number: int) -> Event:
    """The final translation of the second from `start`."""
    revision = mt_pb2.TranslationRevision(
        segment_id=f"{start * 16_000:012}",
        language_code=language,
        committed_text=f"{language} {start}",
        is_final=True,
        hop_times=[types_pb2.HopTime(hop="mt", duration=seconds(0.05))],
    )
    return Event(
        event_number=number,
        translation=gateway_pb2.Translation(
            revision=revision, lag=seconds(0.3), start_offset=seconds(start), end_offset=seconds(start + 1)
        ),
    )


def spoken(start: int, language: str, *, is_last: bool) -> Event:
    """A quarter of a second of speech for the second from `start`."""
    audio = tts_pb2.SpeechAudio(
        segment_id=f"{start * 16_000:012}", audio=SPEECH_CHUNK, sample_rate_hertz=SPEECH_RATE, is_last=is_last
    )
    return Event(
        speech=gateway_pb2.Speech(
            language_code=language,
            audio=audio,
            lag=seconds(0.4),
            start_offset=seconds(start),
            end_offset=seconds(start + 1),
        )
    )


def _sent(events: list[Event]) -> Iterator[Response]:
    for event in events:
        yield Response(event=event)
