"""A language model's server behind the tensors of a translator (see the model repository's README).

Each request is sent on as it comes, and answered when its own answer is there: the server forms the batches, and a
batch formed here would make all wait for the longest.
"""

import asyncio
import os
import threading
from typing import Any

import triton_python_backend_utils as pb_utils
from llm_server import Asked, LlmServer
from llm_settings import LlmSettings

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.requests import respond, text


class TritonPythonModel:
    """One server, asked from one event loop in a thread of its own."""

    def initialize(self, _args: dict[str, str]) -> None:
        settings = LlmSettings.read(os.environ)
        self.pairs = frozenset(settings.language_pairs)
        self.languages = " ".join(settings.languages)
        self.server = LlmServer(settings)
        self.slots = threading.Semaphore(settings.concurrency)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            self.slots.acquire()  # while all are taken, what comes waits in Triton
            asyncio.run_coroutine_threadsafe(self._answer(request), self.loop)

    def finalize(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _answer(self, request: Any) -> None:
        try:
            result: Any = await self.server.translate(self._asked(request))
        except Exception as error:  # noqa: BLE001 - it is the answer to this request
            result = error
        finally:
            self.slots.release()
        response = respond(request, result, lambda translation: {"TRANSLATION": [translation]})
        request.get_response_sender().send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def _asked(self, request: Any) -> Asked:
        source, target = text(request, "SOURCE_LANGUAGE"), text(request, "TARGET_LANGUAGE")
        if f"{source}-{target}" not in self.pairs:
            raise RefusedError(f"no pair {source}-{target}; LIVETRANSLATE_LLM_LANGUAGES are: {self.languages}")
        context = text(request, "CONTEXT").splitlines()
        return Asked(text(request, "TEXT"), source, target, context, request.timeout() / 1e6)
