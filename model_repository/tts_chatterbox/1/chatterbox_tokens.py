"""Text to speech tokens: a Llama decoder that says a sentence in some voice, 25 tokens for each second of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from chatterbox_graph import Graph
from tokenizers import Tokenizer

from livetranslate.engine.placement import Placement

# Text begins and ends with tokens of its own; from 6561 on they are speech's.
EXAGGERATION, START_TEXT, STOP_TEXT, START_SPEECH, STOP_SPEECH = 6563, 255, 0, 6561, 6562
SPEECH_TOKENS = 6561
# A sentence without an end is cut: speech has 1 to 2 tokens a character, and slow beginnings.
TOKENS_A_CHARACTER, MORE_TOKENS = 5, 50


class CancelledError(Exception):
    """Nobody listens any more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How a sentence is decoded."""

    exaggeration: float
    repetition_penalty: float
    max_tokens: int


class TokenDecoder:
    """The graphs `embed_tokens` and `language_model`."""

    def __init__(self, placement: Placement, limits: Limits) -> None:
        """Load them from the weights."""
        folder = placement.weights
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._embed = Graph(folder / "onnx" / "embed_tokens.onnx", placement)
        self._decode = Graph(_language_model(folder, placement), placement)
        self._limits = limits

    def decode(self, text: str, condition: Any, is_cancelled: Callable[[], bool]) -> list[int]:
        """The speech of a text: the likeliest token at each step, as the export's own example has it.

        Args:
            text: As `chatterbox_text.prepared` gives it.
            condition: What the voice is like: FP32 [1, n, hidden].
            is_cancelled: Asked at each step.

        Raises:
            CancelledError: It said yes.
        """
        most = min(self._limits.max_tokens, MORE_TOKENS + TOKENS_A_CHARACTER * len(text))
        tokens: list[int] = []
        inputs = np.concatenate([condition, self._embed_text(text)], axis=1)
        cache, length = self._decode.empty_cache(), 0
        while len(tokens) < most:
            if is_cancelled():
                raise CancelledError
            length += inputs.shape[1]
            mask = np.ones((1, length), np.int64)
            outputs = self._decode.run(inputs_embeds=inputs, attention_mask=mask, **cache)
            token = likeliest(outputs.pop("logits").numpy()[0, -1], tokens, self._limits.repetition_penalty)
            if token == STOP_SPEECH:
                break
            tokens.append(token)
            inputs = self._embed_ids([token], [len(tokens)])
            cache = {name.replace("present", "past_key_values"): value for name, value in outputs.items()}
        return tokens

    def _embed_text(self, text: str) -> Any:
        said = self._tokenizer.encode(text, add_special_tokens=False).ids
        ids = [EXAGGERATION, START_TEXT, *said, STOP_TEXT, START_SPEECH, START_SPEECH]
        return self._embed_ids(ids, [0 if token >= START_SPEECH else place - 1 for place, token in enumerate(ids)])

    def _embed_ids(self, ids: list[int], positions: list[int]) -> Any:
        exaggeration = np.array([self._limits.exaggeration])
        outputs = self._embed.run(
            input_ids=np.array([ids]), position_ids=np.array([positions]), exaggeration=exaggeration
        )
        return outputs["inputs_embeds"].numpy()


def likeliest(logits: Any, before: list[int], penalty: float) -> int:
    """The best token that is speech or its end; those said before are less likely (CTRL, Keskar et al., 2019)."""
    scores = logits[: STOP_SPEECH + 1].astype(np.float32)
    scores[SPEECH_TOKENS:STOP_SPEECH] = -np.inf
    said = scores[before]
    scores[before] = np.where(said < 0, said * penalty, said / penalty)
    return int(scores.argmax())


def _language_model(folder: Path, placement: Placement) -> Path:
    return folder / "onnx" / f"{placement.parameters['language_model']}.onnx"
