"""PocketSphinx behind the tensors of a sequence recognizer (see the model repository's README)."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sphinx_pool import DecoderPool
from sphinx_utterance import load_decoder

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.requests import Outputs, array, number, respond, text
from livetranslate.engine.transcript import Word, word_outputs


class Answer(NamedTuple):
    """The words so far; at the end of an utterance also what the next one begins with."""

    words: Sequence[Word]
    state: bytes = b""


class TritonPythonModel:
    """A pool of as many decoders as Triton runs sequences in one process."""

    def initialize(self, args: dict[str, str]) -> None:
        config = json.loads(args["model_config"])
        count = int(config["sequence_batching"]["oldest"]["max_candidate_sequences"])
        self.pool = DecoderPool([load_decoder() for _ in range(count)])

    def execute(self, requests: list[Any]) -> list[Any]:
        # One by one, and also those that were cancelled: each is a step of its sequence.
        return [respond(request, self._hear(request), _outputs) for request in requests]

    def _hear(self, request: Any) -> Answer | RefusedError:
        sequence = request.correlation_id()
        try:
            if number(request, "START", 0):
                self.pool.start(sequence, text(request, "STATE").encode())
            words = self.pool.hear(sequence, array(request, "AUDIO").tobytes())
            return Answer(*self.pool.end(sequence)) if number(request, "END", 0) else Answer(words)
        except RefusedError as error:
            return error


def _outputs(answer: Answer) -> Outputs:
    return word_outputs(answer.words) | {"STATE": [answer.state.decode()]}
