"""Which number of sessions to try next: up until one is not carried, then halving the gap."""

from typing import Final

_GROWTH: Final = 1.5


class Search:
    """Looks for the largest number of sessions that is carried."""

    def __init__(self, first: int, most: int, precision: float = 0.05) -> None:
        """Begin with a number.

        Args:
            first: The number to try first: a guess.
            most: The largest one to try.
            precision: The gap to stop at, as a share of the number that is carried; one session is always enough.
        """
        self._most = most
        self._precision = precision
        self._next = min(first, most)
        self.carried = 0
        self.refused: int | None = None

    def count(self) -> int | None:
        """The number to try next; None once the largest is known."""
        if self.carried >= self._most:
            return None
        if self.refused is not None and self.refused - self.carried <= max(1, round(self.carried * self._precision)):
            return None
        return self._next

    def receive(self, count: int, *, is_carried: bool) -> None:
        """Take a number's outcome."""
        if is_carried:
            self.carried = max(self.carried, count)
        else:
            self.refused = count if self.refused is None else min(self.refused, count)
        if self.refused is None:
            self._next = min(self._most, max(count + 1, round(count * _GROWTH)))
        elif self.carried:
            self._next = (self.carried + self.refused) // 2
        else:
            self._next = max(1, round(self.refused / _GROWTH))
