"""One model as the keeper knows it."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import IntEnum


class ModelState(IntEnum):
    """How a model stands. The numbers are those of the proto and of the metric."""

    UNLOADED = 1
    LOADING = 2
    READY = 3
    UNLOADING = 4
    FAILED = 5


IN_MEMORY = frozenset({ModelState.LOADING, ModelState.READY, ModelState.UNLOADING})


@dataclass(slots=True)
class Place:
    """What is known of a model, and who needs it.

    Attributes:
        name: The model.
        size_bytes: What it takes once loaded; 0 where nobody has said.
        state: How it stands.
        failure: Why it could not be loaded, where the state says so.
        retry_seconds: When a failed one is loaded again for those who go on holding it.
        is_busy: Whether a load or an unload of ours is under way.
        loaded_seconds: When it was found to be in memory.
        last_held_seconds: When it was last let go; None where it never was held.
        holders: Those who need it.
    """

    name: str
    size_bytes: int
    state: ModelState = ModelState.UNLOADED
    failure: str = ""
    retry_seconds: float = 0.0
    is_busy: bool = False
    loaded_seconds: float = 0.0
    last_held_seconds: float | None = None
    holders: set[Hashable] = field(default_factory=set)

    @property
    def memory_bytes(self) -> int:
        """The memory that it takes now; on its way in or out, all of it."""
        return self.size_bytes if self.state in IN_MEMORY else 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for it to be loaded."""
        return bool(self.holders) and self.state not in (ModelState.LOADING, ModelState.READY)

    @property
    def is_evictable(self) -> bool:
        """Whether unloading it makes room, and nobody minds."""
        return self.state is ModelState.READY and not self.holders and not self.is_busy and self.size_bytes > 0
