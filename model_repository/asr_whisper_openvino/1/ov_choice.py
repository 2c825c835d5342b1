"""Which token comes next: the likeliest that may come.

A transcript may have timestamps or none. The rules for them are OpenAI's (`ApplyTimestampRules` of the `whisper`
package): a transcript begins with one; they come in pairs, except before the end; they never go back; and where all of
them together are likelier than any text, one of them comes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from ov_rules import Rules


class Choice(NamedTuple):
    """A token, and how likely it was among those that could come."""

    token: int
    log_probability: float


def choose(logits: Any, chosen: Sequence[int], rules: Rules) -> Choice:
    """The next token.

    Args:
        logits: FP32 [vocabulary]. Written over: what may not come gets -inf.
        chosen: The transcript's tokens so far.
        rules: Those of the model.
    """
    first = rules.first_timestamp
    logits[list(rules.suppressed)] = -np.inf
    if rules.has_timestamps:
        _order_timestamps(logits, chosen, rules)
    else:
        logits[first:] = -np.inf
        logits[list(() if chosen else rules.suppressed_first)] = -np.inf
    all_text, all_times = _log_sum(logits[:first]), _log_sum(logits[first:])
    if all_times > logits[:first].max():
        token = first + int(logits[first:].argmax())
        return Choice(token, float(logits[token] - all_times))
    token = int(logits.argmax())
    return Choice(token, float(logits[token] - np.logaddexp(all_text, all_times)))


def _order_timestamps(logits: Any, chosen: Sequence[int], rules: Rules) -> None:
    """Take out what may not come after what was chosen."""
    first = rules.first_timestamp
    if not chosen:
        logits[:first] = -np.inf
        logits[rules.last_start + 1 :] = -np.inf
        return
    is_time = chosen[-1] >= first
    if is_time and (len(chosen) == 1 or chosen[-2] >= first):  # a pair, or the first one, which needs none
        logits[first:] = -np.inf
        return
    latest = next(token for token in reversed(chosen) if token >= first)
    if is_time:
        logits[: rules.special.end] = -np.inf
        logits[first:latest] = -np.inf
    else:
        logits[first : latest + 1] = -np.inf


def _log_sum(logits: Any) -> float:
    """The logarithm of the sum of the exponentials."""
    highest = logits.max()
    return float(highest + np.log(np.exp(logits - highest).sum())) if np.isfinite(highest) else -np.inf
