"""Greedy decoding of several windows together, each with a prompt of its own length.

A Whisper decoder has no mask that would let prompts of unequal lengths be padded. So all rows go through the decoder in
step: while a row still has a prompt, it is fed that, whatever the decoder would say, and rows whose prompts are over go
on with what they chose. Each row sees its own tokens at their own positions, as it would alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from ov_choice import choose
from ov_rules import Rules


class Answer(NamedTuple):
    """What the decoder says after the last token that it was fed.

    Attributes:
        logits: Of what comes next, FP32 [rows, vocabulary].
        attention: Where it looked, before the softmax: FP32 [rows, heads, frames]; without heads where nobody asks.
    """

    logits: Any
    attention: Any


Step = Callable[[Any], Answer]
"""Feeds INT64 [rows, tokens]."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was decoded of one window.

    Attributes:
        tokens: Text and timestamps.
        log_probabilities: Of each of them.
        attention: Where the decoder looked for each of them, and for the end if it came: FP32 [heads, frames].
        mean_log_probability: Of them and the end.
        no_speech_probability: That nobody speaks.
    """

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    attention: tuple[Any, ...]
    mean_log_probability: float
    no_speech_probability: float


def decode(prompts: Sequence[Sequence[int]], limits: Sequence[int], step: Step, rules: Rules) -> list[Decoded]:
    """Decode some windows.

    Args:
        prompts: For each, what its transcript is opened with, and all before that.
        limits: How many tokens it may have at most.
        step: The decoder, which has just begun with these windows.
        rules: Those of the model.
    """
    rows = [_Row(list(prompt), limit, rules) for prompt, limit in zip(prompts, limits, strict=True)]
    fed, width = 0, min(row.start for row in rows) + 1  # until the first row whose answer counts
    while not all(row.is_done for row in rows):
        tokens = [[row.token_at(position) for position in range(fed, fed + width)] for row in rows]
        fed += width
        answer = step(np.array(tokens, np.int64))
        for row, logits, attention in zip(rows, answer.logits, answer.attention, strict=True):
            row.receive(logits, attention, fed)
        width = 1
    return [row.decoded() for row in rows]


def detect_languages(count: int, step: Step, rules: Rules) -> list[tuple[str, float]]:
    """For each of `count` windows the likeliest of the model's languages, and its probability among all languages."""
    logits = step(np.full((count, 1), rules.special.start, np.int64)).logits
    codes, tokens = list(rules.languages), list(rules.languages.values())
    others = sorted({*rules.special.languages.values()} - {*tokens})
    shares = [_shares(row[[*tokens, *others]])[: len(tokens)] for row in logits]
    return [(codes[int(share.argmax())], float(share.max())) for share in shares]


@dataclass(slots=True)
class _Row:
    """One window of a batch."""

    prompt: list[int]
    limit: int
    rules: Rules
    chosen: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    attention: list[Any] = field(default_factory=list)
    no_speech_probability: float = 0.0
    is_done: bool = False

    @property
    def start(self) -> int:
        """Where in the prompt the transcript is opened."""
        return self.prompt.index(self.rules.special.start)

    def token_at(self, position: int) -> int:
        """What is fed at a position; a row that is done is only kept company."""
        tokens = [*self.prompt, *self.chosen]
        return tokens[position] if position < len(tokens) else self.rules.special.end

    def receive(self, logits: Any, attention: Any, fed: int) -> None:
        """Take what the decoder says after the first `fed` tokens."""
        if fed == self.start + 1:
            self.no_speech_probability = float(_shares(logits)[self.rules.special.no_speech])
        if fed < len(self.prompt) or self.is_done:
            return
        choice = choose(np.array(logits), self.chosen, self.rules)
        self.log_probabilities.append(choice.log_probability)
        self.attention.append(np.array(attention))
        if choice.token == self.rules.special.end:
            self.is_done = True
            return
        self.chosen.append(choice.token)
        self.is_done = len(self.chosen) >= min(self.limit, self.rules.max_tokens - len(self.prompt))

    def decoded(self) -> Decoded:
        return Decoded(
            tuple(self.chosen),
            tuple(self.log_probabilities[: len(self.chosen)]),
            tuple(self.attention),
            float(np.mean(self.log_probabilities)),
            self.no_speech_probability,
        )


def _shares(logits: Any) -> Any:
    """The softmax."""
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()
