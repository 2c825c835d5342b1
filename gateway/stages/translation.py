"""The second stage: transcripts to mt, translations back. A stream that breaks is opened anew with what mt owes."""

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator

from gateway import messages, requests
from gateway.events import NoticeKind, Targets, Transcript
from gateway.hints import Hints
from gateway.stages.context import StageContext
from livetranslate import names
from livetranslate.errors import LiveTranslateError
from livetranslate.v1 import mt_pb2


class Translation:
    """The way of one session's transcripts through mt."""

    def __init__(self, context: StageContext, on_translation: Callable[[], Awaitable[None]]) -> None:
        """Open nothing yet; `on_translation` is told that the core may have something to speak."""
        self._context = context
        self._on_translation = on_translation
        self._session = context.session
        self._waiting: deque[Transcript | Targets] = deque()
        self._hints = Hints()
        self._hop = context.hop(
            "mt",
            open_call=context.hops.mt.StreamingTranslate,
            opening=self._opening,
            next_request=self._next_request,
            receive=self._receive,
            on_patience_end=self._give_up,
        )

    async def run(self) -> None:
        """Translate until `finish` has had its effect."""
        await self._hop.run()

    async def open(self) -> None:
        """Open the stream though there is nothing to translate yet."""
        if self._session.targets_to_translate():
            await self._hop.push()

    async def push(self) -> None:
        """Send mt what the core has for it."""
        now = time.monotonic()
        for request in self._session.requests_to_translate():
            if isinstance(request, Targets) or self._hints.is_worth_telling(request, now):
                self._waiting.append(request)
        if self._waiting or self._session.transcripts_owed():
            await self._hop.push()
        if not self._hop.is_open:
            self._waiting.clear()  # while mt is away nothing piles up: the opening begins with what is owed

    async def finish(self) -> None:
        """Nothing more will be translated: `run` ends when every answer is there."""
        await self._hop.finish()

    def _opening(self) -> Iterator[mt_pb2.StreamingTranslateRequest]:
        self._session.requests_to_translate()
        self._waiting.clear()  # the targets as they are now, and what is owed, is all that counts
        session, context = self._session, self._context
        targets = session.targets_to_translate()
        before = session.context_of_owed()
        yield requests.mt_config(
            context.source_language, context.options, () if before else targets, session.session_id
        )
        if before:  # known, and not translated again
            for transcript in before:
                yield requests.mt_segment(transcript, "")
            yield requests.mt_targets(Targets(tuple(targets)))
        for transcript in session.transcripts_owed():
            yield self._request(transcript)

    def _next_request(self) -> mt_pb2.StreamingTranslateRequest | None:
        return self._request(self._waiting.popleft()) if self._waiting else None

    def _request(self, request: Transcript | Targets) -> mt_pb2.StreamingTranslateRequest:
        if isinstance(request, Targets):
            return requests.mt_targets(request)
        traceparent = request.message.trace.traceparent
        if request.is_final:
            key = ("translate", request.segment_id)
            traceparent = self._context.spans.start(names.GATEWAY_TRANSLATE_SPAN, key, traceparent, request.segment_id)
        return requests.mt_segment(request, traceparent)

    async def _receive(self, response: mt_pb2.StreamingTranslateResponse) -> None:
        if response.HasField("load"):
            self._context.receive_load("mt", response.load)
        match response.WhichOneof("streaming_response"):
            case "revision":
                translation = messages.translation_from_proto(response.revision)
                await self._context.apply(lambda: self._session.receive_translation(translation, time.monotonic()))
                await self._on_translation()
                self._end_span(translation.segment_id)
            case "notice":
                notice = messages.notice_from_proto(response.notice)
                await self._context.receive_notice(notice)
                await self._on_translation()
                self._end_span(notice.segment_id)

    def _end_span(self, segment_id: str) -> None:
        if not self._session.is_untranslated(segment_id):
            self._context.spans.end(("translate", segment_id))

    async def _give_up(self, error: LiveTranslateError) -> None:
        languages = [target.language for target in self._session.targets_to_translate()]
        await self._context.give_up(NoticeKind.TRANSLATION_FAILED, languages, error.message)
        await self._on_translation()
