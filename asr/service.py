"""The gRPC shell of speech recognition: moves facts and work between the stream, the core and the models."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import aclosing, asynccontextmanager, closing
from functools import partial

import grpc
import structlog

from asr.hypothesis import Hypothesis
from asr.memory import Memory, invalid_state
from asr.messages import failure_to_proto, progress_to_proto, revision_to_proto
from asr.recognizer import Recognize
from asr.sequence_recognizer import SequenceRecognizer, recognizing
from asr.session import AsrOptions, AsrSession, DecodeStep, Failure, Progress, Revision
from asr.settings import AsrSettings
from asr.slots import SequenceSlots
from asr.trace import SegmentTraces
from asr.vad import Classify, VadState
from livetranslate.answers import answers_of
from livetranslate.arrivals import Arrivals
from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, UnavailableError
from livetranslate.models import Model, model_for_language
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.server import Drain
from livetranslate.streams import first_request, reading
from livetranslate.triton import TritonClient
from livetranslate.v1 import asr_pb2, asr_pb2_grpc
from livetranslate.wire import samples_of_duration

log = structlog.get_logger()

MAX_AUDIO_BYTES = 1024 * 1024
MAX_STATE_BYTES = 4096

_ANSWERS_WAITING = 8  # for a slow reader; then nothing more is decoded, and in time nothing more is read

Requests = AsyncIterator[asr_pb2.StreamingRecognizeRequest]
Responses = AsyncIterator[asr_pb2.StreamingRecognizeResponse]
Send = Callable[[asr_pb2.StreamingRecognizeResponse], Awaitable[None]]
Context = grpc.aio.ServicerContext[asr_pb2.StreamingRecognizeRequest, asr_pb2.StreamingRecognizeResponse]


class AsrService(asr_pb2_grpc.AsrServiceServicer):
    """Answers `livetranslate.v1.AsrService`."""

    def __init__(
        self,
        settings: AsrSettings,
        *,
        triton: TritonClient,
        directory: ModelDirectory,
        classify: Classify,
        vad_threads: Executor,
        drain: Drain,
    ) -> None:
        """Use what `__main__` has built."""
        self._settings = settings
        self._triton = triton
        self._directory = directory
        self._classify = classify
        self._vad_threads = vad_threads
        self._drain = drain
        self._slots: dict[str, SequenceSlots] = {}

    async def StreamingRecognize(self, requests: Requests, context: Context) -> Responses:
        """Recognize one session."""
        del context
        with self._drain.stream():
            async with aclosing(answers_of(partial(self._serve, requests), size=_ANSWERS_WAITING)) as answers:
                async for answer in answers:
                    yield answer

    async def ListRecognizers(
        self,
        request: asr_pb2.ListRecognizersRequest,
        context: grpc.aio.ServicerContext[asr_pb2.ListRecognizersRequest, asr_pb2.ListRecognizersResponse],
    ) -> asr_pb2.ListRecognizersResponse:
        """List the models."""
        del request, context
        recognizers = [
            asr_pb2.Recognizer(model=model.name, language_codes=model.languages, license=model.license)
            for model in _usable(await self._directory.models())
        ]
        return asr_pb2.ListRecognizersResponse(recognizers=recognizers)

    async def _serve(self, requests: Requests, send: Send) -> None:
        config = _checked_config(await first_request(requests))
        model = await self._model(config.language_code)
        stream = _Stream(config, model, self._drain)
        with closing(stream.traces):
            async with (
                self._recognizing(model) as recognize,
                reading(requests, stream.receive, stream.receive_end, self._drain.closing),
            ):
                progress = progress_to_proto(stream.start)
                await send(asr_pb2.StreamingRecognizeResponse(progress=progress))
                while not stream.session.is_done:
                    await self._work(stream, recognize)
                    for response in stream.responses():
                        await send(response)

    async def _model(self, language: str) -> Model:
        def choose(models: Sequence[Model]) -> Model:
            return model_for_language(_usable(models), language, what="recognize")

        return await self._directory.choose(choose)

    @asynccontextmanager
    async def _recognizing(self, model: Model) -> AsyncIterator[Recognize]:
        if model.name not in self._slots:
            self._slots[model.name] = SequenceSlots(model, self._settings.slot_timeout_seconds)
        slots = self._slots[model.name]
        recognizer = SequenceRecognizer(
            self._triton,
            model,
            slots,
            timeout_seconds=self._settings.decode_timeout_seconds,
            patience_seconds=self._settings.decode_patience_seconds,
        )
        async with recognizing(recognizer) as recognize:
            yield recognize

    async def _work(self, stream: "_Stream", recognize: Recognize) -> None:
        """Do the next piece of work, or wait until there may be one."""
        if (frames := stream.session.frames_to_classify()) is not None:
            loop = asyncio.get_running_loop()
            heard = await loop.run_in_executor(self._vad_threads, self._classify, *frames)
            stream.session.receive_probabilities(heard)
        elif (step := stream.session.step_to_decode()) is not None:
            await stream.decode(step, recognize)
        else:
            await stream.wait_for_audio()
        stream.make_room()


class _Stream:
    """One session: its core, and what the shell keeps beside it."""

    def __init__(self, config: asr_pb2.RecognitionConfig, model: Model, drain: Drain) -> None:
        memory = _checked_memory(config.state)
        self.start = Progress(samples_of_duration(config.start_offset), memory)
        self.session = AsrSession(AsrOptions(), self.start.processed_sample, memory)
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
                self._receive_audio(_checked_audio(request.audio))
            case "flush":
                self.session.receive_flush()
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
            log.warning("decoding failed", session_id=self._config.session_id, reason=error.reason)
            self.session.receive_failure(f"A stretch of speech could not be recognized: {error.message}")
        else:
            self.session.receive_hypothesis(step, hypothesis)

    def responses(self) -> Iterator[asr_pb2.StreamingRecognizeResponse]:
        """What is there to send."""
        for result in self.session.results_to_send():
            match result:
                case Revision():
                    traceparent = self.traces.of_segment(is_final=result.is_final)
                    revision = revision_to_proto(
                        result,
                        self._config.language_code,
                        self._model.name,
                        self._lag(result.decoded_sample),
                        traceparent,
                    )
                    yield asr_pb2.StreamingRecognizeResponse(revision=revision)
                case Progress():
                    yield asr_pb2.StreamingRecognizeResponse(progress=progress_to_proto(result))
                case Failure():
                    yield asr_pb2.StreamingRecognizeResponse(notice=failure_to_proto(result))

    def _receive_audio(self, audio: bytes) -> None:
        self.session.receive_audio(audio)
        self._received += len(audio) // BYTES_PER_SAMPLE
        self._arrivals.receive(self._received, time.monotonic())

    def _lag(self, sample: int) -> float:
        return self._arrivals.lag(sample, time.monotonic())


def _usable(models: Sequence[Model]) -> list[Model]:
    """The models whose decoding style is known here."""
    return [model for model in models if model.decoding == "sequence"]


def _draining() -> UnavailableError:
    return UnavailableError("DRAINING", "This server is about to stop. Go on at another one from the last position.")


def _checked_config(request: asr_pb2.StreamingRecognizeRequest) -> asr_pb2.RecognitionConfig:
    if request.WhichOneof("streaming_request") != "config":
        raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config`.")
    config = request.config
    if not config.language_code:
        raise InvalidArgumentError("LANGUAGE_MISSING", "`config.language_code` is empty. Say what is spoken, e.g. en.")
    if samples_of_duration(config.start_offset) < 0:
        raise InvalidArgumentError("START_OFFSET_NEGATIVE", "`config.start_offset` lies before the session's start.")
    if len(config.state) > MAX_STATE_BYTES:
        message = f"`config.state` is larger than {MAX_STATE_BYTES} bytes."
        raise InvalidArgumentError("STATE_TOO_LARGE", message)
    return config


def _checked_memory(state: bytes) -> Memory:
    memory = Memory.from_bytes(state)
    try:
        VadState.from_bytes(memory.classifier_state)
    except ValueError:
        raise invalid_state() from None
    return memory


def _checked_audio(audio: bytes) -> bytes:
    if len(audio) > MAX_AUDIO_BYTES:
        message = f"An audio message has {len(audio)} bytes; at most {MAX_AUDIO_BYTES} are allowed. Send smaller ones."
        raise InvalidArgumentError("AUDIO_MESSAGE_TOO_LARGE", message, limit=str(MAX_AUDIO_BYTES))
    if len(audio) % BYTES_PER_SAMPLE:
        raise InvalidArgumentError(
            "AUDIO_MISALIGNED", "An audio message ends inside a sample. Send whole s16le samples."
        )
    return audio
