"""One stream of asr: its core, and what is kept beside it to answer on the wire."""

import asyncio
import time
from collections.abc import Iterator

import structlog

from asr.config import checked_audio, checked_memory, endpoint_options, pace_from_proto
from asr.hypothesis import Hypothesis
from asr.messages import (
    activity_to_proto,
    failure_to_proto,
    language_change_to_proto,
    progress_to_proto,
    revision_to_proto,
)
from asr.metrics import count_segment
from asr.recognizer import Recognize
from asr.results import Activity, Failure, LanguageChange, Progress, Revision
from asr.session import AsrOptions, AsrSession, DecodeStep
from asr.styles import new_decoding
from asr.trace import SegmentTraces
from asr.wording import WordingOptions
from asr.writing import Writer
from livetranslate.arrivals import Arrivals
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, UnavailableError
from livetranslate.models import Model
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.server import Drain
from livetranslate.telemetry import trace_id_of
from livetranslate.v1 import asr_pb2
from livetranslate.wire import samples_of_duration

log = structlog.get_logger()


class AsrStream:
    """One session: its core, and what the shell keeps beside it."""

    def __init__(
        self, config: asr_pb2.RecognitionConfig, model: Model, languages: tuple[str, ...], drain: Drain
    ) -> None:
        """Serve what the config asks for.

        Raises:
            InvalidArgumentError: That is not possible.
        """
        memory = checked_memory(config.state)
        writer = Writer(config.phrases) if model.writing == "plain" else None
        options = AsrOptions(
            endpoint_options(config.endpointing), new_decoding(model), WordingOptions(languages, writer)
        )
        self.start = Progress(samples_of_duration(config.start_offset), memory)
        self.session = AsrSession(options, self.start.processed_sample, memory)
        self._config = config
        self._model = model
        self._drain = drain
        self._arrivals = Arrivals(self.start.processed_sample)
        self._received = self.start.processed_sample
        self.traces = SegmentTraces(config.session_id, config.session_trace.traceparent, model.name)
        self._has_ended = False
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()

    async def receive(self, request: asr_pb2.StreamingRecognizeRequest) -> None:
        """Take a request; waits while too much audio is waiting."""
        match request.WhichOneof("streaming_request"):
            case "audio":
                self._receive_audio(checked_audio(request.audio))
            case "flush":
                self.session.receive_flush()
            case "pace":
                self.session.receive_pace(pace_from_proto(request.pace))
            case "config":
                raise InvalidArgumentError("CONFIG_REPEATED", "`config` was sent twice. Send it once, first.")
        self._has_news.set()
        while not self.session.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    def receive_end(self) -> None:
        """No more audio will come, or the server closes.

        Raises:
            UnavailableError: The server closes. What is being said is not cut in two: another replica goes on with it.
        """
        if self._drain.closing.is_set():
            raise _draining()
        self._has_ended = True
        self.session.receive_end()
        self._has_news.set()

    async def wait_for_audio(self) -> None:
        """Wait until something has been received.

        Raises:
            UnavailableError: The server drains, and nobody speaks just now: a good moment to go on elsewhere.
        """
        if self._drain.draining.is_set() and self.session.is_silent and not self._has_ended:
            raise _draining()
        await self._has_news.wait()
        self._has_news.clear()

    def make_room(self) -> None:
        """Let the sender go on if it waits."""
        self._has_room.set()

    async def decode(self, step: DecodeStep, recognize: Recognize) -> None:
        """Have a step decoded; a failure is told, and spoils its segment only."""
        traceparent = self.traces.of_step(step, self._lag(step.start_sample))
        try:
            hypothesis: Hypothesis = await recognize(step, traceparent)
        except LiveTranslateError as error:
            log.warning("decoding failed", trace_id=trace_id_of(traceparent), reason=error.reason)
            self.session.receive_failure(f"A stretch of speech could not be recognized: {error.message}")
        else:
            self.session.receive_hypothesis(step, hypothesis)

    def responses(self) -> Iterator[asr_pb2.StreamingRecognizeResponse]:
        """What is there to send."""
        for result in self.session.results_to_send():
            match result:
                case Revision():
                    if result.is_final:
                        count_segment(result.end)
                    traceparent = self.traces.of_segment(is_final=result.is_final)
                    lag = self._lag(result.decoded_sample)
                    revision = revision_to_proto(result, self._model.name, lag, traceparent)
                    yield asr_pb2.StreamingRecognizeResponse(revision=revision)
                case Progress():
                    yield asr_pb2.StreamingRecognizeResponse(progress=progress_to_proto(result))
                case Activity():
                    yield asr_pb2.StreamingRecognizeResponse(activity=activity_to_proto(result))
                case LanguageChange():
                    yield asr_pb2.StreamingRecognizeResponse(notice=language_change_to_proto(result))
                case Failure():
                    yield asr_pb2.StreamingRecognizeResponse(notice=failure_to_proto(result))

    def _receive_audio(self, audio: bytes) -> None:
        self.session.receive_audio(audio)
        self._received += len(audio) // BYTES_PER_SAMPLE
        self._arrivals.receive(self._received, time.monotonic())

    def _lag(self, sample: int) -> float:
        return self._arrivals.lag(sample, time.monotonic())


def _draining() -> UnavailableError:
    return UnavailableError("DRAINING", "This server is about to stop. Go on at another one from the last position.")
