"""When each token was said, from where the decoder looked while it chose it.

As in OpenAI's `whisper` (`timing.py`): the attention of a few heads that follow the speech, which they found for each
model, is standardized over tokens and smoothed by a median over time. Dynamic time warping then finds the way through
tokens and time that sees the most of it.
"""

from typing import Any

import numpy as np

_MEDIAN_FRAMES = 7
_LEAST_DEVIATION = 1e-9


def token_frames(scores: Any) -> list[int]:
    """The frame at which each token begins.

    Args:
        scores: Of attention before the softmax, FP32 [tokens, heads, frames].
    """
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    weights = (weights - weights.mean(axis=0)) / np.maximum(weights.std(axis=0), _LEAST_DEVIATION)
    return warp(-_smooth(weights).mean(axis=1))


def warp(costs: Any) -> list[int]:
    """The first column of each row on the cheapest way from the first row and column to the last ones.

    A row of sums depends on itself from the left: `total[j] = cost[j] + min(above[j], total[j - 1])`. With the running
    sum of the costs taken out, that is a running minimum.
    """
    totals = np.empty(costs.shape)
    totals[0] = np.cumsum(costs[0], dtype=np.float64)
    for row in range(1, len(costs)):
        above = totals[row - 1].copy()
        above[1:] = np.minimum(above[1:], totals[row - 1, :-1])
        sums = np.cumsum(costs[row], dtype=np.float64)
        totals[row] = sums + np.minimum.accumulate(above - (sums - costs[row]))
    return _first_columns(totals)


def _first_columns(totals: Any) -> list[int]:
    """Walk back from the end."""
    row, column = totals.shape[0] - 1, totals.shape[1] - 1
    firsts = [0] * len(totals)
    while row > 0:
        firsts[row] = column
        above = totals[row - 1, column]
        left = totals[row, column - 1] if column else np.inf
        corner = totals[row - 1, column - 1] if column else np.inf
        if corner <= above and corner <= left:
            row, column = row - 1, column - 1
        elif above <= left:
            row -= 1
        else:
            column -= 1
    return firsts


def _smooth(weights: Any) -> Any:
    """The median of each frame and those around it."""
    half = _MEDIAN_FRAMES // 2
    if weights.shape[2] <= half:
        return weights
    padded = np.pad(weights, ((0, 0), (0, 0), (half, half)), mode="reflect")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN_FRAMES, axis=2), axis=3)
