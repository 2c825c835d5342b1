"""What is answered where."""

from concurrent.futures import Executor
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.capabilities import Hops
from gateway.settings import GatewaySettings
from gateway.web.endpoint import Endpoint
from gateway.web.errors import error_response
from gateway.web.form import Uploads
from gateway.web.models import Models
from gateway.web.reply import Reply
from gateway.web.speech import Speeches
from gateway.web.transcription import Export, Serve, Transcriptions
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, NotFoundError
from livetranslate.server import Drain

_METHOD_NOT_ALLOWED = 405


def application(
    settings: GatewaySettings, serve: Serve, export: Export, hops: Hops, *, codec_threads: Executor, drain: Drain
) -> Starlette:
    """The door's application.

    Args:
        settings: The gateway's.
        serve: Runs a session.
        export: Renders a file of a stored one.
        hops: The services behind.
        codec_threads: Encode and resample speech.
        drain: The server's: it waits for what is under way.
    """
    stall_seconds = settings.stall_seconds
    uploads = Uploads(
        max_count=settings.max_sessions, max_bytes=settings.web_max_upload_bytes, stall_seconds=stall_seconds
    )
    transcriptions = Transcriptions(serve, export, hops, uploads)
    speeches = Speeches(hops, codec_threads, drain, stall_seconds=stall_seconds)
    models = Models(hops)
    endpoint = partial(Endpoint, stall_seconds=stall_seconds)
    return Starlette(
        routes=[
            Route("/healthz", endpoint(partial(_health, drain)), methods=["GET"]),
            Route("/v1/models", endpoint(models.list), methods=["GET"]),
            Route("/v1/models/{model}", endpoint(models.get), methods=["GET"]),
            Route("/v1/audio/transcriptions", endpoint(transcriptions.transcribe), methods=["POST"]),
            Route("/v1/audio/translations", endpoint(transcriptions.translate), methods=["POST"]),
            Route("/v1/audio/speech", endpoint(speeches.speak), methods=["POST"]),
        ],
        exception_handlers={HTTPException: _no_route},
    )


async def _health(drain: Drain, request: Request, reply: Reply) -> None:
    """Whether new requests are taken, for load balancers."""
    del request
    is_draining = drain.draining.is_set()
    await reply.give(JSONResponse({"status": "draining" if is_draining else "ok"}, 503 if is_draining else 200))


async def _no_route(request: Request, raised: Exception) -> Response:
    error: LiveTranslateError
    if isinstance(raised, HTTPException) and raised.status_code == _METHOD_NOT_ALLOWED:
        error = InvalidArgumentError("METHOD_NOT_ALLOWED", f"{request.method} is not answered here.")
    else:
        error = NotFoundError("NO_SUCH_PATH", "There is nothing at this path. What there is begins with /v1/.")
    return error_response(error)
