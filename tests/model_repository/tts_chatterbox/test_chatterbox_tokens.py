from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.weights.cloner import CONDITION_LENGTH, HIDDEN, save_tiny_cloner
from tests.model_repository.loading import load_sibling
from tests.model_repository.tts_chatterbox.loading import placement

chatterbox_tokens = load_sibling("tts_chatterbox", "chatterbox_tokens")

CONDITION = np.zeros((1, CONDITION_LENGTH, HIDDEN), np.float32)
LIMITS = chatterbox_tokens.Limits(exaggeration=0.5, repetition_penalty=1.2, max_tokens=1000)


def load(folder: Path, limits: Any = LIMITS, **wished: bool) -> Any:
    save_tiny_cloner(folder, **wished)
    return chatterbox_tokens.TokenDecoder(placement(folder), limits)


@pytest.mark.parametrize("has_half_cache", [False, True])
def test_a_text_is_spoken_to_its_end(tmp_path: Path, has_half_cache: bool) -> None:
    """Step by step on what is cached, in whichever precision the graph has its cache."""
    decoder = load(tmp_path, has_half_cache=has_half_cache)
    tokens = decoder.decode("[es]abba no.", CONDITION, lambda: False)
    assert tokens == [301, 3, 4, 4, 3, 2, 16, 17, 39]


def test_what_finds_no_end_is_cut(tmp_path: Path) -> None:
    """At the most tokens that a sentence may have, and sooner where it is short."""
    limits = chatterbox_tokens.Limits(exaggeration=0.5, repetition_penalty=1.2, max_tokens=70)
    assert len(load(tmp_path, limits).decode("a" * 80, CONDITION, lambda: False)) == 70
    assert len(load(tmp_path, is_endless=True).decode("ab", CONDITION, lambda: False)) == 60


def test_who_leaves_stops_it_within_a_step(tmp_path: Path) -> None:
    """It asks before each token."""
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) == 4

    with pytest.raises(chatterbox_tokens.CancelledError):
        load(tmp_path).decode("a" * 100, CONDITION, is_cancelled)
    assert len(asked) == 4


def test_what_was_said_is_less_likely() -> None:
    """Whichever sign its score has; and what is no speech is never said."""
    logits = np.full(8194, -9.0, np.float32)
    logits[[1, 2, 6561, 7000]] = [1.0, 0.9, 99, 99]
    assert chatterbox_tokens.likeliest(logits, [], 1.2) == 1
    assert chatterbox_tokens.likeliest(logits, [1], 1.2) == 2
    logits[[1, 2]] = [-1.0, -1.1]
    assert chatterbox_tokens.likeliest(logits, [1, 1], 1.2) == 2
    logits[6562] = 0.0
    assert chatterbox_tokens.likeliest(logits, [], 1.2) == 6562
