"""The gRPC shell of speech recognition: moves facts and work between the stream, the core and the models."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from contextlib import aclosing, closing
from functools import partial

import grpc

from asr.classifier import Classify
from asr.config import checked_config
from asr.language import is_told_by_text
from asr.messages import progress_to_proto
from asr.recognizer import Recognize
from asr.stream import AsrStream
from asr.styles import Recognizers, is_usable
from livetranslate.answers import answers_of
from livetranslate.directory import ModelDirectory
from livetranslate.language_id import prepare
from livetranslate.load_meter import LoadMeter, telling_load
from livetranslate.logs import note_session
from livetranslate.models import Model
from livetranslate.server import Drain
from livetranslate.spoken import recognizer_for
from livetranslate.streams import first_request, reading
from livetranslate.telemetry import trace_id_of
from livetranslate.v1 import asr_pb2, asr_pb2_grpc

_ANSWERS_WAITING = 8  # for a slow reader; then nothing more is decoded, and in time nothing more is read

Requests = AsyncIterator[asr_pb2.StreamingRecognizeRequest]
Responses = AsyncIterator[asr_pb2.StreamingRecognizeResponse]
Send = Callable[[asr_pb2.StreamingRecognizeResponse], Awaitable[None]]
Context = grpc.aio.ServicerContext[asr_pb2.StreamingRecognizeRequest, asr_pb2.StreamingRecognizeResponse]


class AsrService(asr_pb2_grpc.AsrServiceServicer):
    """Answers `livetranslate.v1.AsrService`."""

    def __init__(
        self,
        directory: ModelDirectory,
        recognizers: Recognizers,
        *,
        classify: Classify,
        vad_threads: Executor,
        drain: Drain,
        meter: LoadMeter,
    ) -> None:
        """Use what `__main__` has built."""
        self._directory = directory
        self._classify = classify
        self._vad_threads = vad_threads
        self._drain = drain
        self._meter = meter
        self.recognizers = recognizers

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
            asr_pb2.Recognizer(
                model=model.name,
                language_codes=model.languages,
                license=model.license,
                takes_phrases="phrases" in model.takes,
            )
            for model in _usable(await self._directory.models())
        ]
        return asr_pb2.ListRecognizersResponse(recognizers=recognizers)

    async def _serve(self, requests: Requests, send: Send) -> None:
        config = checked_config(await first_request(requests))
        note_session(config.session_id, trace_id_of(config.session_trace.traceparent))
        model, languages = await self._recognizer(config.language_code, config.candidate_language_codes)
        if is_told_by_text(model, languages):
            await asyncio.get_running_loop().run_in_executor(self._vad_threads, prepare, languages)
        stream = AsrStream(config, model, languages, self._drain)
        tell = telling_load(send, self._meter)
        with closing(stream.traces):
            async with (
                self.recognizers.recognizing(model, config.phrases) as recognize,
                reading(requests, stream.receive, stream.receive_end, self._drain.closing),
            ):
                progress = progress_to_proto(stream.start)
                await tell(asr_pb2.StreamingRecognizeResponse(progress=progress))
                while not stream.session.is_done:
                    await self._work(stream, recognize)
                    for response in stream.responses():
                        await tell(response)

    async def _recognizer(self, language: str, candidates: Sequence[str]) -> tuple[Model, tuple[str, ...]]:
        def choose(models: Sequence[Model]) -> tuple[Model, tuple[str, ...]]:
            return recognizer_for(_usable(models), language, candidates)

        return await self._directory.choose(choose)

    async def _work(self, stream: AsrStream, recognize: Recognize) -> None:
        """Do the next piece of work, or wait until there may be one."""
        if (frames := stream.session.frames_to_classify()) is not None:
            stream.session.receive_probabilities(await self._classify(*frames))
        elif (step := stream.session.step_to_decode()) is not None:
            await stream.decode(step, recognize)
        else:
            await stream.wait_for_audio()
        stream.make_room()


def _usable(models: Sequence[Model]) -> list[Model]:
    """The models that can be used here, first those to be asked first."""
    return sorted(filter(is_usable, models), key=lambda model: model.rank)
