"""`/v1/audio/transcriptions` and `/v1/audio/translations`: a file becomes a session, and its finals the answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gateway.capabilities import Hops
from gateway.listings import list_recognizers
from gateway.service import Requests
from gateway.stream import Send
from gateway.web.deltas import Deltas
from gateway.web.endpoint import while_connected
from gateway.web.errors import body_of, known
from gateway.web.form import Form, Uploads
from gateway.web.reply import Reply
from gateway.web.transcript import Transcript
from gateway.web.wish import ResponseFormat, Wish
from gateway.web.written import brief, server_sent, usage, verbose
from livetranslate.v1 import gateway_pb2

SESSION_ID_HEADER = "x-livetranslate-session-id"
NOTICES_HEADER = "x-livetranslate-notices"

Serve = Callable[[Requests, Send], Awaitable[None]]
"""Serves one session, as `gateway.service` does."""
Export = Callable[[gateway_pb2.ExportSessionRequest], Awaitable[gateway_pb2.ExportSessionResponse]]
"""Renders a file of a stored session, as `gateway.sessions` does."""

_TITLE_CHARACTERS = 200  # as many as a session's title may have
_SUBTITLES = {
    ResponseFormat.SRT: gateway_pb2.EXPORT_FORMAT_SRT,
    ResponseFormat.VTT: gateway_pb2.EXPORT_FORMAT_VTT,
}

FileRequest = gateway_pb2.StreamingTranslateSpeechRequest


class Transcriptions:
    """Answers requests that bring a file."""

    def __init__(self, serve: Serve, export: Export, hops: Hops, uploads: Uploads) -> None:
        """Recognize by sessions that `serve` runs."""
        self._serve = serve
        self._export = export
        self._hops = hops
        self._uploads = uploads

    async def transcribe(self, request: Request, reply: Reply) -> None:
        """Tell what is said."""
        async with self._uploads.form(request) as form:
            await while_connected(request.receive, self._answer(form, "", reply))

    async def translate(self, request: Request, reply: Reply) -> None:
        """Tell what it means in English, or in `target_language`."""
        async with self._uploads.form(request) as form:
            target = form.text("target_language").strip() or "en"
            await while_connected(request.receive, self._answer(form, target, reply))

    async def _answer(self, form: Form, target: str, reply: Reply) -> None:
        wish = Wish.of(form, await list_recognizers(self._hops), target)
        transcript = Transcript(wish.target)
        if wish.is_streamed:
            await self._stream(form, wish, transcript, reply)
        else:
            await self._run(form, wish, transcript, _nothing)
            await reply.give(await self._response(wish, transcript))

    async def _run(
        self,
        form: Form,
        wish: Wish,
        transcript: Transcript,
        tell: Callable[[gateway_pb2.SessionEvent], Awaitable[None]],
    ) -> None:
        """Run the session to its end."""

        async def receive(response: gateway_pb2.StreamingTranslateSpeechResponse) -> None:
            transcript.receive(response.event)
            await tell(response.event)

        async with aclosing(_requests(form, wish)) as requests:
            await self._serve(requests, receive)

    async def _stream(self, form: Form, wish: Wish, transcript: Transcript, reply: Reply) -> None:
        deltas = Deltas(wish.target)

        async def write(told: dict[str, Any], name: str = "") -> None:
            """Nothing is said of success before there is a text: audio that is none has its own status."""
            if not reply.has_begun:
                await reply.begin("text/event-stream", {SESSION_ID_HEADER: transcript.session_id})
            await reply.write(server_sent(told, name))

        async def tell(event: gateway_pb2.SessionEvent) -> None:
            if delta := deltas.receive(event):
                await write({"type": "transcript.text.delta", "delta": delta})

        try:
            await self._run(form, wish, transcript, tell)
        except (Exception, BaseExceptionGroup) as raised:
            if not reply.has_begun:
                raise
            error = known(raised, "stream")  # the status is out: the client reads of it here
            await write(body_of(error), "error")
        else:
            await write({"type": "transcript.text.done", "text": transcript.text, "usage": usage(transcript)})
        await reply.end()

    async def _response(self, wish: Wish, transcript: Transcript) -> Response:
        headers = {SESSION_ID_HEADER: transcript.session_id}
        if transcript.notices:
            headers[NOTICES_HEADER] = transcript.notices
        match wish.response_format:
            case ResponseFormat.JSON:
                return JSONResponse(brief(transcript), headers=headers)
            case ResponseFormat.VERBOSE_JSON:
                return JSONResponse(verbose(transcript, wish), headers=headers)
            case ResponseFormat.TEXT:
                return PlainTextResponse(f"{transcript.text}\n", headers=headers)
            case ResponseFormat.SRT | ResponseFormat.VTT:
                return await self._subtitles(wish, transcript.session_id, headers)

    async def _subtitles(self, wish: Wish, session_id: str, headers: dict[str, str]) -> Response:
        """Those that the session's export has, cut from what is stored."""
        exported = await self._export(
            gateway_pb2.ExportSessionRequest(
                session_id=session_id, format=_SUBTITLES[wish.response_format], language_code=wish.target
            )
        )
        return Response(exported.content, headers=headers, media_type=exported.media_type)


async def _requests(form: Form, wish: Wish) -> AsyncGenerator[FileRequest, None]:
    yield FileRequest(config=wish.config((form.file.filename or "")[:_TITLE_CHARACTERS]))
    async for piece in form.pieces():
        yield FileRequest(audio=piece)


async def _nothing(event: gateway_pb2.SessionEvent) -> None:
    del event
