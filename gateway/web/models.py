"""`/v1/models`: the recognizers and the models that speak, as OpenAI's clients list them."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.capabilities import Hops
from gateway.cloning import SPEAKER
from gateway.listings import list_recognizers, list_voices
from gateway.web.reply import Reply
from livetranslate.errors import NotFoundError
from livetranslate.v1 import asr_pb2, tts_pb2


class Models:
    """Answers requests for what there is."""

    def __init__(self, hops: Hops) -> None:
        """Ask these services."""
        self._hops = hops

    async def list(self, request: Request, reply: Reply) -> None:
        """All of them."""
        del request
        await reply.give(JSONResponse({"object": "list", "data": await self._all()}))

    async def get(self, request: Request, reply: Reply) -> None:
        """One of them.

        Raises:
            NotFoundError: There is none of that name.
        """
        name = request.path_params["model"]
        for model in await self._all():
            if model["id"] == name:
                await reply.give(JSONResponse(model))
                return
        raise NotFoundError("MODEL_NOT_FOUND", "There is no such model. GET /v1/models lists them.", param="model")

    async def _all(self) -> Sequence[dict[str, Any]]:
        return [*recognizers_told(await list_recognizers(self._hops)), *voices_told(await list_voices(self._hops))]


def recognizers_told(recognizers: Iterable[asr_pb2.Recognizer]) -> Iterable[dict[str, Any]]:
    """A model for each recognizer."""
    for one in recognizers:
        yield _model(one.model, "asr", one.language_codes, one.license)


def voices_told(voices: Iterable[tts_pb2.Voice]) -> Iterable[dict[str, Any]]:
    """A model for each that speaks, with its voices."""
    by_model: dict[str, list[tts_pb2.Voice]] = {}
    for voice in voices:
        if voice.name == SPEAKER:
            continue  # it is for sessions, which have a speaker
        by_model.setdefault(voice.model, []).append(voice)
    for name, spoken in by_model.items():
        told = [{"name": voice.name, "language": voice.language_code} for voice in spoken]
        yield _model(name, "tts", {voice.language_code for voice in spoken}, spoken[0].license, voices=told)


def _model(name: str, task: str, languages: Iterable[str], license_name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "object": "model",
        "created": 0,  # OpenAI's clients want a number; nobody has written down when
        "owned_by": "livetranslate",
        "task": task,
        "languages": sorted(languages),
        "license": license_name,
        **more,
    }
