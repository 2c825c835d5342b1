"""Runs a batch so that no item spoils it: what fails together is tried apart.

Where the device has no memory for a batch, its halves are tried, once. Where it fails for any other reason, each item
is tried by itself: one of them may be to blame.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

Run = Callable[[Sequence[Item]], Sequence[Result | Exception]]
"""Answers each item of a batch with a result, or with what is wrong with that item."""

AWAY: Final = "away: "
"""How the message of a model's UNAVAILABLE begins: nobody may take it for Triton's own, and leave all models alone."""

_NO_MEMORY: Final = ("out of memory", "bad_alloc", "failed to allocate", "alloc_failed")


class RefusedError(ValueError):
    """The request cannot be answered as it is: the caller's fault."""


class AwayError(RuntimeError):
    """What the engine needs is not there now; it may be later."""


class OutOfMemoryError(RuntimeError):
    """The device has no memory for this request."""


def run_batch(items: Sequence[Item], run: Run[Item, Result]) -> list[Result | Exception]:
    """The results of a batch in the order of its items; those that cannot be had are exceptions."""
    if not items:
        return []
    try:
        return list(run(items))
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is an answer for its items
        if len(items) == 1:
            return [_explained(error)]
        middle = (len(items) + 1) // 2
        parts = [items[:middle], items[middle:]] if is_out_of_memory(error) else [[item] for item in items]
    return [result for part in parts for result in _last_try(part, run)]


def in_groups(
    items: Sequence[Item], key: Callable[[Item], Hashable], run: Callable[[Sequence[Item]], Sequence[Result]]
) -> list[Result]:
    """The results in the order of `items`, of which those with an equal key are run together."""
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for position, item in enumerate(items):
        groups[key(item)].append(position)
    results: dict[int, Result] = {}
    for positions in groups.values():
        results |= zip(positions, run([items[position] for position in positions]), strict=True)
    return [results[position] for position in range(len(items))]


def is_out_of_memory(error: Exception) -> bool:
    """Whether an engine says that its device has no memory left; each says it in its own words."""
    return isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in _NO_MEMORY)


def _last_try(items: Sequence[Item], run: Run[Item, Result]) -> list[Result | Exception]:
    try:
        return list(run(items))
    except Exception as error:  # noqa: BLE001 - as above
        return [_explained(error)] * len(items)


def _explained(error: Exception) -> Exception:
    if not is_out_of_memory(error):
        return error
    return OutOfMemoryError("no memory is left on the model's device; send shorter requests, or give it more memory")
