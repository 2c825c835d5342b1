from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.model_repository.asr_whisper_openvino.rules import (
    END,
    ENGLISH,
    NO_SPEECH,
    NO_TIMES,
    PREVIOUS,
    SIZE,
    SPANISH,
    START,
    TRANSCRIBE,
    rules,
)
from tests.model_repository.loading import load_sibling

ov_greedy = load_sibling("asr_whisper_openvino", "ov_greedy")
PLAIN = rules(has_timestamps=False)
OPENING = [START, ENGLISH, TRANSCRIBE, NO_TIMES]


class Decoder:
    """A decoder that says what it is told for each window, once its prompt is over, and notes what it was fed."""

    def __init__(self, said: Sequence[Sequence[int]]) -> None:
        self.said = said
        self.fed: list[list[int]] = [[] for _ in said]
        self.steps = 0

    def step(self, tokens: Any) -> Any:
        self.steps += 1
        for fed, row in zip(self.fed, tokens.tolist(), strict=True):
            fed.extend(row)
        logits = np.full((len(self.said), SIZE), -20, np.float32)
        for row, (fed, said) in enumerate(zip(self.fed, self.said, strict=True)):
            logits[row, self._next(fed, said)] = 10
        return ov_greedy.Answer(logits, np.array([[[len(fed)]] for fed in self.fed], np.float32))

    def _next(self, fed: list[int], said: Sequence[int]) -> int:
        if fed[-1] == START:
            return NO_SPEECH if not said else ENGLISH
        place = len(fed) - fed.index(NO_TIMES) - 1 if NO_TIMES in fed else 0
        return said[place] if place < len(said) else END


def decode(
    said: Sequence[Sequence[int]], prompts: Sequence[Sequence[int]], limit: int = 224, rules: Any = PLAIN
) -> tuple[list[Any], Any]:
    decoder = Decoder(said)
    return ov_greedy.decode(prompts, [limit] * len(prompts), decoder.step, rules), decoder


def test_each_window_gets_what_it_gets_alone() -> None:
    """Prompts of all lengths together: each row is fed its own tokens at their own positions."""
    said = [[3, 4, 5], [6], [3, 3, 3, 3, 3], []]
    prompts = [OPENING, [PREVIOUS, 7, 8, *OPENING], [PREVIOUS, *[5] * 60, *OPENING], OPENING]
    together, decoder = decode(said, prompts)
    assert [list(found.tokens) for found in together] == said
    for fed, prompt, text in zip(decoder.fed, prompts, said, strict=True):
        alone = [*prompt, *text, END]
        assert fed == [*alone, *[END] * len(fed)][: len(fed)]
    for found, text, prompt in zip(together, said, prompts, strict=True):
        assert decode([text], [prompt])[0] == [found]


def test_what_all_prompts_have_before_them_is_fed_at_once() -> None:
    """It costs one step, not one for each token."""
    _, decoder = decode([[3]] * 2, [[PREVIOUS, *[5] * 100, *OPENING], [PREVIOUS, *[6] * 90, *OPENING]])
    assert decoder.steps == 1 + 13 + 1  # up to the first start, the longer prompt's rest, its opening, a word


def test_silence_is_told_at_the_start() -> None:
    """The probability that nobody speaks is what stands in the place of the language."""
    (silent, spoken), _ = decode([[], [3]], [OPENING, [PREVIOUS, 7, *OPENING]])
    assert silent.no_speech_probability > 0.99
    assert spoken.no_speech_probability < 0.01


def test_probabilities_and_looks_are_those_of_the_tokens() -> None:
    """One probability for each token; where the decoder looked also for the end."""
    ((found,), _) = decode([[3, 4]], [OPENING])
    assert len(found.log_probabilities) == 2
    assert [look.item() for look in found.attention] == [4, 5, 6]
    assert found.mean_log_probability == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(("limit", "positions", "expected"), [(224, 448, 224), (30, 448, 30), (224, 100, 96)])
def test_a_transcript_without_end_ends(limit: int, positions: int, expected: int) -> None:
    """It has at most as many tokens as it may, or fewer where the decoder has no more positions."""
    few = rules(has_timestamps=False, max_tokens=positions)
    (endless, short), _ = decode([[3] * 500, [4]], [OPENING, OPENING], limit, few)
    assert (len(endless.tokens), len(short.tokens)) == (expected, 1)
    assert len(endless.attention) == expected


def test_languages_are_told_by_what_follows_the_start() -> None:
    """Each window has its own; the probability is among all languages, the choice among those that may be spoken."""

    def step(tokens: Any) -> Any:
        logits = np.zeros((3, SIZE), np.float32)
        logits[[0, 1], [SPANISH, ENGLISH]] = 2
        logits[:, 5] = 50  # no language
        assert tokens.tolist() == [[START]] * 3
        return ov_greedy.Answer(logits, np.zeros((3, 0, 0)))

    share = np.exp(2) / (np.exp(2) + 1)
    found = ov_greedy.detect_languages(3, step, PLAIN)
    assert [code for code, _ in found] == ["es", "en", "en"]
    assert [probability for _, probability in found] == pytest.approx([share, share, 0.5])
    found = ov_greedy.detect_languages(3, step, rules(languages={"en": ENGLISH}))
    assert [code for code, _ in found] == ["en"] * 3
    assert [probability for _, probability in found] == pytest.approx([1 - share, share, 0.5])
