"""Which windows are heard together, as Triton's dynamic batcher decides it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.gpu.speaking import Look


@dataclass(frozen=True, slots=True)
class Rules:
    """Those of a model's `config.pbtxt`.

    Attributes:
        max_batch_size: The most windows in a batch.
        delay_seconds: How long a batch that is not full waits for more.
    """

    max_batch_size: int
    delay_seconds: float

    @classmethod
    def read(cls, config: str) -> "Rules":
        """From the text of a `config.pbtxt`."""
        return cls(_number("max_batch_size", config), _number("max_queue_delay_microseconds", config) / 1e6)


@dataclass(slots=True)
class Queue:
    """The looks that wait. Whoever fills it gives up before it grows (see `capacity`)."""

    rules: Rules
    _waiting: list[Look] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def receive(self, looks: Iterable[Look]) -> None:
        """Those that have become due."""
        self._waiting += looks

    def ready_seconds(self) -> float:
        """When the next batch may leave: at once if it is full, else after the delay of its first. One must wait."""
        first = min(look.due_seconds for look in self._waiting)
        return first if len(self._waiting) >= self.rules.max_batch_size else first + self.rules.delay_seconds

    def next_batch(self) -> list[Look]:
        """Finals first, then who came first."""
        self._waiting.sort(key=lambda look: (not look.is_final, look.due_seconds))
        batch = self._waiting[: self.rules.max_batch_size]
        del self._waiting[: len(batch)]
        return batch


def _number(name: str, config: str) -> int:
    found = re.search(rf"{name}: (\d+)", config)
    if found is None:
        raise ValueError(f"the model's config.pbtxt has no {name}")
    return int(found[1])
