"""A Riva call that is a session: its messages go in as those of our protocol, and our events come out."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from gateway.riva.audio import RivaAudio
from gateway.riva.chunks import Chunk
from gateway.riva.opening import Request, Wish
from gateway.riva.rpc import Context
from livetranslate.v1 import gateway_pb2, types_pb2

SESSION_ID_KEY = "livetranslate-session-id"
RESUME_TOKEN_KEY = "livetranslate-resume-token"  # noqa: S105 - the name of a header
NOTICES_KEY = "livetranslate-notices"

Response = gateway_pb2.StreamingTranslateSpeechResponse
Serve = Callable[[AsyncIterator[Request], Callable[[Response], Awaitable[None]]], Awaitable[None]]
"""Serves one session, as `gateway.service` does."""
Tell = Callable[[gateway_pb2.SessionEvent], Awaitable[None]]
AnswerChunk = Callable[[], Awaitable[None]]


class SessionCall:
    """One call, from its first audio to its last answer."""

    def __init__(self, serve: Serve, wish: Wish, context: Context, request_id: Any = None) -> None:
        """Be ready to serve what the first message wishes.

        Args:
            serve: Runs the session.
            wish: The first message.
            context: The call's, for what Riva's messages have no place for.
            request_id: What the client calls its request, if it does.
        """
        self._serve = serve
        self._wish = wish
        self._context = context
        self._audio = RivaAudio(wish.recognition)
        self._answer_chunk: AnswerChunk | None = None
        self._unanswered_count = 0
        self._has_begun = False
        self._has_started = asyncio.Event()
        self._showing: list[asyncio.Future[None]] = []  # gRPC cannot end a call while its metadata are being sent
        self._notices: dict[str, None] = {}
        self._tell: Tell
        self.request_id = request_id
        """The newest that the client has named."""

    @property
    def answers_each_chunk(self) -> bool:
        """Whether the client counts on one answer for each message of audio."""
        return self._wish.options.answers_each_chunk

    async def run(self, chunks: AsyncIterator[Chunk], tell: Tell, answer_chunk: AnswerChunk | None = None) -> None:
        """Serve until the client half-closes and everything is told.

        Args:
            chunks: The messages after the first.
            tell: Gets every event, in order; where it waits, so does the session.
            answer_chunk: Called for each message once the session has taken its audio, where each is to be answered.

        Raises:
            LiveTranslateError: What ends the session.
        """
        self._tell, self._answer_chunk = tell, answer_chunk
        async with aclosing(self._requests(chunks)) as requests:
            try:
                await self._serve(requests, self._receive)
            finally:
                await asyncio.gather(*self._showing, return_exceptions=True)

    async def _requests(self, chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Request, None]:
        async for chunk in chunks:
            self.request_id = chunk.request_id or self.request_id
            for piece in self._audio.receive(chunk.audio):
                if not self._has_begun:
                    yield self._begin()
                yield Request(audio=piece)
            if chunk.ends_utterance and self._has_begun:
                yield Request(flush=gateway_pb2.FlushRequest())
            if self._answer_chunk is not None:
                await self._answer(self._answer_chunk)
        rest = list(self._audio.finish())
        if not self._has_begun:
            yield self._begin()
        for piece in rest:
            yield Request(audio=piece)

    def _begin(self) -> Request:
        self._has_begun = True
        return self._wish.request(self._audio.format or types_pb2.AudioFormat())

    async def _answer(self, answer_chunk: AnswerChunk) -> None:
        """Answer what has come; not before the session has started, for metadata come before all answers."""
        self._unanswered_count += 1
        if self._has_begun:
            await self._has_started.wait()
            for _ in range(self._unanswered_count):
                await answer_chunk()
            self._unanswered_count = 0

    async def _receive(self, response: Response) -> None:
        event = response.event
        match event.WhichOneof("event"):
            case "session_started":
                await self._show(event.session_started)
            case "notice":
                self._note(event.notice)
        await self._tell(event)

    async def _show(self, started: gateway_pb2.SessionStarted) -> None:
        """What it takes to watch the session and to go on with it, for clients that look."""
        metadata = ((SESSION_ID_KEY, started.session_id), (RESUME_TOKEN_KEY, started.resume_token))
        showing = asyncio.ensure_future(self._context.send_initial_metadata(metadata))
        self._showing.append(showing)
        await asyncio.shield(showing)
        self._has_started.set()

    def _note(self, notice: types_pb2.Notice) -> None:
        """Riva has no messages for what spoils a part: the call's last metadata say what happened."""
        self._notices[types_pb2.NoticeCode.Name(notice.code).removeprefix("NOTICE_CODE_")] = None
        self._context.set_trailing_metadata(((NOTICES_KEY, " ".join(self._notices)),))
