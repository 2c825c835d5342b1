from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.model_repository.asr_whisper_openvino.rules import END, FIRST_TIME, SIZE, rules
from tests.model_repository.loading import load_sibling

ov_choice = load_sibling("asr_whisper_openvino", "ov_choice")


def logits(scores: Mapping[int, float]) -> Any:
    """These for some tokens; all others are out of the question."""
    values = np.full(SIZE, -30.0, np.float32)
    values[list(scores)] = list(scores.values())
    return values


def time(index: int) -> int:
    return FIRST_TIME + index


@pytest.mark.parametrize(
    ("chosen", "scores", "expected"),
    [
        ([], {3: 9, time(4): 1}, time(4)),  # it begins with a timestamp
        ([], {time(51): 9, time(4): 1}, time(4)),  # within a second
        ([time(0)], {3: 1, time(4): 9}, 3),  # after which there is text
        ([time(0)], {END: 1, time(4): 9}, END),  # or none
        ([time(0), 3], {4: 1, time(0): 9}, 4),  # a phrase takes time
        ([time(0), 3], {4: 1, time(1): 9}, time(1)),
        ([time(0), 3, time(9)], {4: 9, time(9): 1}, time(9)),  # what ends a phrase begins the next one
        ([time(0), 3, time(9)], {4: 9, time(8): 5, END: 1}, END),  # time does not go back
        ([time(0), 3, time(9), time(9)], {4: 1, time(10): 9}, 4),
        ([time(0), 3, time(9), time(9), 4], {time(9): 9, 5: 1}, 5),
        ([time(0)], {9: 9, 3: 1}, 3),  # what is suppressed is never chosen
    ],
)
def test_timestamps_come_in_order(chosen: list[int], scores: dict[int, float], expected: int) -> None:
    """They begin a transcript, come in pairs, and never go back."""
    assert ov_choice.choose(logits(scores), chosen, rules()).token == expected


def test_many_timestamps_together_are_likelier_than_a_word() -> None:
    """Where it is sure that a phrase ends but not when, it ends."""
    scores = {4: 2.0, time(5): 1.5, time(6): 1.6, time(7): 1.4}
    choice = ov_choice.choose(logits(scores), [time(0), 3], rules())
    assert choice.token == time(6)
    share = np.exp(1.6) / (np.exp(1.5) + np.exp(1.6) + np.exp(1.4))
    assert choice.log_probability == pytest.approx(np.log(share), abs=1e-5)
    assert ov_choice.choose(logits({**scores, 4: 4.0}), [time(0), 3], rules()).token == 4


def test_a_probability_is_among_what_may_come() -> None:
    """What may not come takes no share of it."""
    choice = ov_choice.choose(logits({3: 2, 4: 1, 9: 50, time(4): 50}), [time(0)], rules())
    assert choice.log_probability == pytest.approx(np.log(np.exp(2) / (np.exp(2) + np.exp(1))), abs=1e-5)


def test_without_timestamps_there_is_text_alone() -> None:
    """None is chosen, and what no text begins with only later."""
    plain = rules(has_timestamps=False)
    assert ov_choice.choose(logits({8: 5, 3: 1, time(0): 9}), [], plain).token == 3
    assert ov_choice.choose(logits({8: 5, 3: 1, time(0): 9}), [3], plain).token == 8
