"""One stream of mt: it moves facts and work between the client, the core and the translator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.metrics import StreamQueueDepth
from livetranslate.models import primary
from livetranslate.spoken import AUTO
from livetranslate.streams import reading
from livetranslate.telemetry import trace_id_of
from livetranslate.v1 import mt_pb2
from mt import metrics
from mt.job import Job, JobKind, Route, Translation
from mt.messages import answer_to_proto, segment_from_proto, targets_from_proto
from mt.session import MtSession
from mt.translator import Translate

log = structlog.get_logger()

Send = Callable[[mt_pb2.StreamingTranslateResponse], Awaitable[None]]
FindRoute = Callable[[str, str], Awaitable[Route]]
"""The way from a language into a target; raises `LiveTranslateError` where there is none."""

OnTargets = Callable[[Sequence[str]], None]
"""Hears which targets there are, whenever they have changed."""


class MtStream:
    """The tasks of one session: one reads, one sends, and each job has its own."""

    def __init__(
        self,
        session: MtSession,
        translate: Translate,
        find_route: FindRoute,
        source_language: str,
        on_targets: OnTargets = lambda _languages: None,
    ) -> None:
        """Serve a session that nobody else touches; its segments are in `source_language` where they name no other."""
        self._session = session
        self._translate = translate
        self._find_route = find_route
        self._source_language = source_language
        self._on_targets = on_targets
        self._running: dict[Job, asyncio.Task[None]] = {}
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._depth = StreamQueueDepth(metrics.finals_waiting)
        self._clock = asyncio.get_running_loop().time

    async def run(
        self, requests: AsyncIterator[mt_pb2.StreamingTranslateRequest], send: Send, closing: asyncio.Event
    ) -> None:
        """Serve until the client half-closes or the server is `closing`, and all finals are answered."""
        receiving = reading(requests, self._receive, self._receive_end, closing)
        async with self._depth, asyncio.TaskGroup() as tasks, receiving:
            while not self._session.is_done:
                await self._wait_for_news()
                self._start_and_cancel(tasks)
                for answer in self._session.answers_to_send():
                    await send(answer_to_proto(answer, self._clock()))
                    metrics.note_answer(answer)
                self._depth.show(self._session.final_count)
                self._has_room.set()
            for job in list(self._running):
                self._cancel(job)  # a draft that the end has overtaken

    async def _receive(self, request: mt_pb2.StreamingTranslateRequest) -> None:
        """Take a request; waits while too much is under way, and the client then waits too."""
        match request.WhichOneof("streaming_request"):
            case "segment":
                await self._receive_segment(request.segment)
            case "targets":
                await self._receive_targets(request.targets.targets)
            case "config":
                raise InvalidArgumentError("CONFIG_REPEATED", "`config` was sent twice. Send it once, first.")
        self._has_news.set()
        while not self._session.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    async def _receive_segment(self, message: mt_pb2.SourceSegment) -> None:
        """Take a revision and the ways there are from its language; where there is none, the final tells it."""
        segment = segment_from_proto(message, self._source_language, self._clock())
        routes = {}
        for language in self._session.targets:
            with suppress(LiveTranslateError):
                routes[language] = await self._route(segment.language_code, language)
        self._session.receive_segment(segment, routes)

    async def _route(self, source: str, target: str) -> Route:
        """The way from one language into another; without models where they are one: the transcript is what is said."""
        return Route(target, ()) if primary(source) == primary(target) else await self._find_route(source, target)

    async def _receive_targets(self, messages: Sequence[mt_pb2.TranslationTarget]) -> None:
        """Change the targets; what cannot be had is refused with a notice, and the rest holds."""
        try:
            targets = targets_from_proto(messages)
        except InvalidArgumentError as error:
            self._session.receive_refusal(f"{error.message} The targets are as before.")
            return
        wanted = []
        for target in targets:
            try:
                if target.language_code not in self._session.targets:
                    await check_target(self._find_route, self._source_language, target.language_code)
                wanted.append(target)
            except LiveTranslateError as error:
                self._session.receive_refusal(error.message, target.language_code)
        self._session.receive_targets(wanted)
        self._on_targets(self._session.targets)

    def _receive_end(self) -> None:
        self._session.receive_end()
        self._has_news.set()

    async def _wait_for_news(self) -> None:
        """Wait until something has been received, or a draft is due."""
        try:
            async with asyncio.timeout_at(self._session.due_seconds):
                await self._has_news.wait()
        except TimeoutError:
            return
        self._has_news.clear()

    def _start_and_cancel(self, tasks: asyncio.TaskGroup) -> None:
        for job in self._session.jobs_to_cancel():
            if job in self._running:
                self._cancel(job)
        for job in self._session.jobs_to_start(self._clock()):
            self._running[job] = tasks.create_task(self._run_job(job))

    def _cancel(self, job: Job) -> None:
        self._running.pop(job).cancel()
        if job.kind is JobKind.DRAFT:
            metrics.count_superseded_draft()

    async def _run_job(self, job: Job) -> None:
        try:
            translation = await self._translation_of(job)
        except LiveTranslateError as error:
            (log.debug if job.kind is JobKind.DRAFT else log.warning)(
                "translation failed",
                language=job.route.language_code,
                reason=error.reason,
                trace_id=trace_id_of(job.segment.traceparent),
            )
            self._session.receive_failure(job, error.reason)
            if job.kind is JobKind.DRAFT:
                metrics.count_failed_draft()
        else:
            self._session.receive_translation(job, translation)
        self._running.pop(job, None)
        self._has_news.set()

    async def _translation_of(self, job: Job) -> Translation:
        if not job.route.models:
            return Translation(job.text)
        return await self._translate(job, self._clock() - job.segment.received_seconds)


async def check_target(find_route: FindRoute, source: str, target: str) -> None:
    """Check that a target can be reached from what is spoken; where that is only known by segment, anything is.

    Raises:
        LiveTranslateError: It cannot.
    """
    if source != AUTO:
        await find_route(source, target)
