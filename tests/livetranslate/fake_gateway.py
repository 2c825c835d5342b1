"""A gateway that answers by rule: each second of audio is one segment of known text.

It serves the real protos on a real port, in threads, and remembers what it was asked. Sessions can be resumed; several
gateways may share what is stored.
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

from livetranslate.errors import InvalidArgumentError, LiveTranslateError, ResourceExhaustedError
from livetranslate.status import status_code, trailing_metadata
from livetranslate.v1 import asr_pb2, gateway_pb2, gateway_pb2_grpc, mt_pb2, tts_pb2, types_pb2

BYTES_PER_SECOND = 32_000
SPEECH_RATE = 8_000
SPEECH_CHUNK = b"\x01\x00" * (SPEECH_RATE // 4)
PAGE_SIZE = 2
TOKEN = "token"  # noqa: S105, a fake one
UNSTORED_SEGMENTS = 2

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
    live: dict[str, "_Session"] = field(default_factory=dict)
    ends_early: bool = False
    checkpoints: bool = True
    stores_audio: bool = True
    exports: list[gateway_pb2.ExportSessionRequest] = field(default_factory=list)
    watch_breaks: int = 0  # how many views break after their first event
    gives_tokens: bool = True
    breaks: list["Break"] = field(default_factory=list)  # the streams to come break so, in this order
    refusals: list[grpc.StatusCode] = field(default_factory=list)  # how the resumes to come are refused, in this order
    retry_seconds: list[float] = field(default_factory=list)  # when those refused are to come again, in this order
    resumes: list[gateway_pb2.ResumeRequest] = field(default_factory=list)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def StreamingTranslateSpeech(
        self, requests: Iterator[Request], context: grpc.ServicerContext
    ) -> Iterator[Response]:
        first = next(requests)
        self.requests.append(first)
        if first.HasField("resume"):
            session = self._resumed(first.resume, context)
            yield from _sent(session.resume(first.resume))
        else:
            session = self._begun(first.config, context)
            yield from _sent(session.start(has_token=self.gives_tokens))
        context.add_callback(lambda: self._ended(session))
        self.opened.set()
        self.may_go_on.wait(timeout=10)
        breaking = self.breaks.pop(0) if self.breaks else Break()
        for request in requests:
            self.requests.append(request)
            for event in session.receive(request):
                yield Response(event=event)
                breaking.note(event, context)
            if self.ends_early:
                break
        yield from _sent(session.finish())
        session.is_finished = True  # only now: gRPC does not come back here when the client has cancelled
        self.stored[session.session_id] = session.record()
        breaking.note_end(context)

    def _begun(self, config: gateway_pb2.SessionConfig, context: grpc.ServicerContext) -> "_Session":
        if self.retry_seconds:
            refuse(context, self.retry_seconds.pop(0))
        if config.source_language_code not in {"en", "auto"}:
            refuse_language(context, config.source_language_code)
        session = _Session(f"session-{len(self.sessions) + 1}", config, checkpoints=self.checkpoints)
        self.sessions[session.session_id] = session.log
        self.stored[session.session_id] = session.record()
        self.live[session.session_id] = session
        return session

    def _resumed(self, resume: gateway_pb2.ResumeRequest, context: grpc.ServicerContext) -> "_Session":
        self.resumes.append(resume)
        if self.refusals:
            context.abort(self.refusals.pop(0), "not now")
        if resume.session_id not in self.live:
            context.abort(grpc.StatusCode.NOT_FOUND, f"There is no session {resume.session_id!r}.")
        if resume.resume_token != TOKEN:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "The token is wrong.")
        return self.live[resume.session_id]

    def WatchSession(
        self, request: gateway_pb2.WatchSessionRequest, context: grpc.ServicerContext
    ) -> Iterator[gateway_pb2.WatchSessionResponse]:
        self._known(request.session_id, context)
        for event in self.sessions[request.session_id]:
            if event.HasField("summary"):
                self.may_go_on.wait(timeout=10)
            if event.event_number > request.after_event_number or event.HasField("summary"):
                yield gateway_pb2.WatchSessionResponse(event=event)
                if self.watch_breaks:
                    self.watch_breaks -= 1
                    context.abort(grpc.StatusCode.UNAVAILABLE, "broken for a test")

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
        self.exports.append(request)
        name = gateway_pb2.ExportFormat.Name(request.format)
        return gateway_pb2.ExportSessionResponse(content=f"{name} {request.language_code}".encode())

    def ReadSessionAudio(
        self, request: gateway_pb2.ReadSessionAudioRequest, context: grpc.ServicerContext
    ) -> Iterator[gateway_pb2.ReadSessionAudioResponse]:
        self._known(request.session_id, context)
        if not self.stores_audio:
            return
        if request.language_code:
            pieces, rate = [SPEECH_CHUNK, SPEECH_CHUNK], SPEECH_RATE
        else:
            pieces, rate = [bytes(self.live[request.session_id].heard)], 16_000
        for piece in pieces:
            yield gateway_pb2.ReadSessionAudioResponse(audio=piece, sample_rate_hertz=rate)

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


@dataclass
class Break:
    """How a stream breaks: after so many final transcripts, or with its very end."""

    after_finals: int = 0
    at_end: bool = False
    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE

    def note(self, event: Event, context: grpc.ServicerContext) -> None:
        if event.transcript.revision.is_final:
            self.after_finals -= 1
            if self.after_finals == 0:
                context.abort(self.code, "broken for a test")

    def note_end(self, context: grpc.ServicerContext) -> None:
        if self.at_end:
            context.abort(self.code, "broken for a test")


@contextmanager
def fake_gateway(gateway: FakeGateway | None = None, port: int = 0) -> Iterator[FakeGateway]:
    """Serves a fake gateway on a port of the loopback, a free one by default; one that served before serves again."""
    gateway = gateway or FakeGateway()
    gateway.may_go_on.set()
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    gateway_pb2_grpc.add_LiveTranslateServiceServicer_to_server(gateway, server)
    gateway_pb2_grpc.add_SessionServiceServicer_to_server(gateway, server)
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    gateway.address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
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
    _abort(context, error)


def refuse(context: grpc.ServicerContext, retry_seconds: float) -> None:
    """Ends a call as a busy gateway does."""
    error = ResourceExhaustedError("SERVER_BUSY", "This server is busy. Try again soon.")
    error.retry_seconds = retry_seconds
    _abort(context, error)


def _abort(context: grpc.ServicerContext, error: LiveTranslateError) -> None:
    context.set_trailing_metadata(trailing_metadata(error))
    context.abort(status_code(error), error.message)


class _Session:
    """One session's rule: what comes out for what went in. What was final two segments ago is durable."""

    def __init__(self, session_id: str, config: gateway_pb2.SessionConfig, *, checkpoints: bool) -> None:
        self.session_id = session_id
        self.log: list[Event] = []
        self.heard = bytearray()
        self.is_finished = False
        self._config = config
        self._checkpoints = checkpoints
        self._targets = list(config.targets)
        self._byte = 0  # where the next audio lies
        self._stored_segments = 0
        self._stored_number = 0

    @property
    def _segments(self) -> int:
        return sum(event.transcript.revision.is_final for event in self.log)

    def start(self, *, has_token: bool) -> list[Event]:
        token = TOKEN if has_token else ""
        return [Event(session_started=gateway_pb2.SessionStarted(session_id=self.session_id, resume_token=token))]

    def resume(self, resume: gateway_pb2.ResumeRequest) -> list[Event]:
        """Forgets what is not durable, and tells what is."""
        if not self.is_finished:
            del self.log[self._stored_number :]
        offset = seconds(self._stored_segments)
        self._byte = self._stored_segments * BYTES_PER_SECOND
        del self.heard[self._byte :]
        if resume.HasField("audio_offset"):
            self._byte = resume.audio_offset.ToMilliseconds() * BYTES_PER_SECOND // 1000
        if resume.HasField("targets"):
            self._targets = list(resume.targets.targets)
        started = gateway_pb2.SessionStarted(
            session_id=self.session_id, resume_token=TOKEN, is_resumed=True, resume_offset=offset
        )
        missed = [event for event in self.log if event.event_number > resume.last_event_number]
        return [Event(session_started=started), *missed]

    def receive(self, request: Request) -> list[Event]:
        if request.HasField("targets"):
            self._targets = list(request.targets.targets)
        known = max(0, len(self.heard) - self._byte)  # sent again, but not needed again
        self.heard += request.audio[known:]
        self._byte += len(request.audio)
        events = []
        while len(self.heard) >= (self._segments + 1) * BYTES_PER_SECOND:
            events += self._segment()
        return events

    def finish(self) -> list[Event]:
        summary = gateway_pb2.SessionSummary(
            session_id=self.session_id,
            audio_duration=seconds(len(self.heard) / BYTES_PER_SECOND),
            segment_count=self._segments,
            word_count=2 * self._segments,
        )
        if not self.is_finished:
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
            audio_duration=seconds(len(self.heard) / BYTES_PER_SECOND),
        )

    def _segment(self) -> list[Event]:
        start, numbers = self._segments, count(len(self.log) + 1)
        final = transcript(start, f"word {start}", final=next(numbers))
        events = [transcript(start, f"word {start}", "tail"), final]
        events += [translation(start, target.language_code, next(numbers)) for target in self._targets]
        events += [
            spoken(start, target.language_code, is_last=last)
            for target in self._targets
            if target.speech
            for last in (False, True)
        ]
        self.log += [event for event in events if event.event_number]
        if not self._checkpoints:
            return events
        self._stored_segments = max(self._stored_segments, start - UNSTORED_SEGMENTS + 1)
        self._stored_number = sum(_start(event) < self._stored_segments for event in self.log)
        checkpoint = gateway_pb2.Checkpoint(
            durable_offset=seconds(self._stored_segments), last_event_number=self._stored_number
        )
        return [*events, Event(checkpoint=checkpoint)]


def _start(event: Event) -> int:
    revision = event.transcript.revision if event.HasField("transcript") else event.translation.revision
    return int(revision.segment_id) // 16_000


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
