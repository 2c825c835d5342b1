"""Who has given no sign of life for too long, as far as it was watched."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


@dataclass(slots=True)
class _Watched:
    sign: int | None
    unchanged_seconds: float = 0.0


class Leases(Generic[Name]):
    """Compares signs of life, values that the living change, on the watcher's own clock.

    A watcher that was asleep itself has not watched: of the time between two looks only a bounded part counts.
    """

    def __init__(self, lease_seconds: float, max_step_seconds: float) -> None:
        """Whoever shows the same sign for so long has lost its lease."""
        self._lease_seconds = lease_seconds
        self._max_step_seconds = max_step_seconds
        self._watched: dict[Name, _Watched] = {}
        self._last_look: float | None = None

    def look(self, signs: Mapping[Name, int | None], now: float) -> set[Name]:
        """Take in everybody's sign; returns whose lease is over."""
        step = 0.0 if self._last_look is None else min(now - self._last_look, self._max_step_seconds)
        self._last_look = now
        self._watched = {name: self._next(name, sign, step) for name, sign in signs.items()}
        return {name for name, seen in self._watched.items() if seen.unchanged_seconds >= self._lease_seconds}

    def restart(self) -> None:
        """Forget everything seen: there was a time in which nobody could give a sign."""
        self._watched.clear()
        self._last_look = None

    def _next(self, name: Name, sign: int | None, step: float) -> _Watched:
        seen = self._watched.get(name)
        if seen is None or seen.sign != sign:
            return _Watched(sign)
        return _Watched(sign, seen.unchanged_seconds + step)
