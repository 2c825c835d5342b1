from typing import Any

import numpy as np
import pytest

from tests.model_repository.loading import load_sibling

ov_alignment = load_sibling("asr_whisper_openvino", "ov_alignment")


def textbook(costs: Any) -> list[int]:
    """The first column of each row on the cheapest way, cell by cell."""
    best: dict[tuple[int, int], tuple[float, list[int]]] = {(0, 0): (costs[0, 0], [0])}
    for row, column in np.ndindex(costs.shape):
        before = [(row - 1, column - 1), (row - 1, column), (row, column - 1)]
        ways = [(*best[cell], cell) for cell in before if cell in best]
        if ways:
            total, firsts, cell = min(ways, key=lambda way: way[0])
            best[row, column] = (total + costs[row, column], firsts if cell[0] == row else [*firsts, column])
    return best[costs.shape[0] - 1, costs.shape[1] - 1][1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (2, 2), (5, 40), (30, 12)])
def test_the_cheapest_way_is_found(shape: tuple[int, int]) -> None:
    """It is the one that is found cell by cell."""
    for seed in range(20):
        costs = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
        assert ov_alignment.warp(costs) == textbook(costs)


def test_tokens_begin_where_the_decoder_looked() -> None:
    """A head that looks at the tokens' frames tells when they begin, beside one that looks at nothing."""
    begins = [0, 20, 35, 80]
    scores = np.zeros((4, 2, 100), np.float32)
    for token, (begin, end) in enumerate(zip(begins, [*begins[1:], 100], strict=True)):
        scores[token, 0, begin:end] = 8
    np.testing.assert_allclose(ov_alignment.token_frames(scores), begins, atol=1)


def test_one_stray_look_moves_nothing() -> None:
    """A single frame in which the decoder looked elsewhere does not count."""
    scores = np.zeros((2, 1, 60), np.float32)
    scores[0, 0, :30] = 8
    scores[1, 0, 30:] = 8
    scores[1, 0, 5] = 8
    np.testing.assert_allclose(ov_alignment.token_frames(scores), [0, 30], atol=1)


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_a_few_frames_are_enough(frames: int) -> None:
    """Of audio that is shorter than what is smoothed over."""
    found = ov_alignment.token_frames(np.zeros((5, 1, frames), np.float32))
    assert len(found) == 5
    assert all(0 <= frame < frames for frame in found)
