"""A Triton whose models are plain functions."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc
import numpy as np

from livetranslate.tensors import Value
from tests.fake_triton import AWAY, FakeTriton, input_of, response_of, text_of


class ManyModels(FakeTriton):
    """Each model translates by its function; one that is `away` is not there.

    Attributes:
        translators: The function of each model.
        scores: What models say of their translations; most say nothing.
        away: Models that do not answer, with what Triton says then.
        asked: The models that were asked, one for each request, and the text.
    """

    def __init__(self, translators: Mapping[str, Callable[[str], str]]) -> None:
        super().__init__({})
        self.translators = dict(translators)
        self.scores: dict[str, float] = {}
        self.away: dict[str, tuple[grpc.StatusCode, str]] = {}
        self.asked: list[tuple[str, str]] = []

    async def ModelInfer(self, request: Any, context: Any) -> Any:
        self._note(request, context)
        name = request.model_name
        self.asked.append((name, text_of(request)))
        if name in self.away:
            await context.abort(*self.away[name])
        outputs: dict[str, Value] = {"TRANSLATION": [self.translators[name](text_of(request))]}
        if name in self.scores:
            outputs["SCORE"] = np.array([self.scores[name]], np.float32)
        return response_of(outputs)

    def inputs_of(self, place: int) -> dict[str, str]:
        """The inputs of one request."""
        request, _ = self.requests[place]
        return {tensor.name: input_of(request, tensor.name)[4:].decode() for tensor in request.inputs}

    def leave(self, *names: str) -> None:
        """Take models away."""
        self.away |= dict.fromkeys(names, AWAY)
