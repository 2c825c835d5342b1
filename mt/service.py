"""The gRPC shell of mt: answers calls by handing them to a stream, the translator or the directory."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

import grpc

from livetranslate.answers import answers_of
from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary_message import glossary_from_proto
from livetranslate.load_meter import LoadMeter, telling_load
from livetranslate.logs import note_session
from livetranslate.server import Drain
from livetranslate.streams import first_request
from livetranslate.v1 import mt_pb2, mt_pb2_grpc
from livetranslate.wire import duration_of_seconds
from mt.job import Job, Segment, Translation
from mt.messages import checked_config, targets_from_proto
from mt.passage import MAX_TEXT_CHARACTERS
from mt.routing import Routes
from mt.session import MtSession
from mt.settings import MtSettings
from mt.stream import MtStream, Send, check_target
from mt.translator import Translate

_MAX_TEXTS = 100
_TEXTS_AT_A_TIME = 16  # of one call: a model's batch; more would stand in line before those who speak now
_ANSWERS_WAITING = 16  # for a slow reader: a round of all targets; further finals wait in the core, drafts coalesce

Requests = AsyncIterator[mt_pb2.StreamingTranslateRequest]
Responses = AsyncIterator[mt_pb2.StreamingTranslateResponse]
StreamContext = grpc.aio.ServicerContext[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse]
TextContext = grpc.aio.ServicerContext[mt_pb2.TranslateTextRequest, mt_pb2.TranslateTextResponse]
ListContext = grpc.aio.ServicerContext[mt_pb2.ListTranslatorsRequest, mt_pb2.ListTranslatorsResponse]


class MtService(mt_pb2_grpc.MtServiceServicer):
    """Answers `livetranslate.v1.MtService`."""

    def __init__(
        self,
        settings: MtSettings,
        directory: ModelDirectory,
        translate: Translate,
        drain: Drain,
        meter: LoadMeter,
    ) -> None:
        """Use what `__main__` has built."""
        self._settings = settings
        self._directory = directory
        self._translate = translate
        self._drain = drain
        self._meter = meter

    async def StreamingTranslate(self, requests: Requests, context: StreamContext) -> Responses:
        """Translate one session into all its targets."""
        del context
        with self._drain.stream():
            async with aclosing(answers_of(partial(self._serve, requests), size=_ANSWERS_WAITING)) as answers:
                async for answer in answers:
                    yield answer

    async def TranslateText(
        self, request: mt_pb2.TranslateTextRequest, context: TextContext
    ) -> mt_pb2.TranslateTextResponse:
        """Translate complete texts at once."""
        del context
        with self._drain.stream(), self._directory.holds() as holds:
            _check_texts(request.texts)
            routes = Routes(self._directory, holds)
            route = await routes.find(request.source_language_code, request.target_language_code)
            started, turns = time.perf_counter(), asyncio.Semaphore(_TEXTS_AT_A_TIME)
            async with asyncio.TaskGroup() as tasks:
                jobs = (Job(Segment("", 0, text, is_final=True), route, text) for text in request.texts)
                running = [tasks.create_task(self._translate_text(job, turns)) for job in jobs]
            translations = [task.result() for task in running]
            return mt_pb2.TranslateTextResponse(
                translations=[translation.text for translation in translations],
                model=next((made.model for made in translations if made.model), route.models[0].name),
                model_duration=duration_of_seconds(time.perf_counter() - started),
            )

    async def ListTranslators(
        self, request: mt_pb2.ListTranslatorsRequest, context: ListContext
    ) -> mt_pb2.ListTranslatorsResponse:
        """List the models and their pairs."""
        del request, context
        translators = [
            mt_pb2.Translator(
                model=model.name,
                language_pairs=[
                    mt_pb2.LanguagePair(source_language_code=source, target_language_code=target)
                    for source, target in model.language_pairs
                ],
                license=model.license,
            )
            for model in await self._directory.models()
        ]
        return mt_pb2.ListTranslatorsResponse(translators=translators)

    async def _serve(self, requests: Requests, send: Send) -> None:
        config = checked_config(await first_request(requests))
        note_session(config.session_id)
        with self._directory.holds() as holds:
            await self._translate_stream(config, Routes(self._directory, holds), requests, send)

    async def _translate_stream(
        self, config: mt_pb2.TranslationConfig, routes: Routes, requests: Requests, send: Send
    ) -> None:
        targets = targets_from_proto(config.targets)
        async with asyncio.TaskGroup() as tasks:  # side by side: each may have models to load
            for target in targets:
                tasks.create_task(check_target(routes.find, config.source_language_code, target.language_code))
        session = MtSession(
            targets,
            glossary_from_proto(config.glossary),
            draft_interval_seconds=self._settings.draft_interval_ms / 1000,
            final_limit=self._settings.final_limit,
        )
        stream = MtStream(
            session, self._translate, routes.find, config.source_language_code, on_targets=routes.keep_only
        )
        await stream.run(requests, telling_load(send, self._meter), self._drain.closing)

    async def _translate_text(self, job: Job, turns: asyncio.Semaphore) -> Translation:
        if not job.segment.text.strip():
            return Translation("")
        async with turns:
            return await self._translate(job, 0.0)


def _check_texts(texts: Sequence[str]) -> None:
    if len(texts) > _MAX_TEXTS:
        message = f"{len(texts)} texts were sent; at most {_MAX_TEXTS} are allowed in one call."
        raise InvalidArgumentError("TOO_MANY_TEXTS", message, limit=str(_MAX_TEXTS))
    for number, text in enumerate(texts, 1):
        if len(text) > MAX_TEXT_CHARACTERS:
            message = f"Text {number} has {len(text):,} characters; at most {MAX_TEXT_CHARACTERS:,} are allowed."
            raise InvalidArgumentError("TEXT_TOO_LONG", message, limit=str(MAX_TEXT_CHARACTERS))
