"""How closely a recognition follows the speaker: less closely where there is more to do than can be done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """What is asked for; without anything, as closely as can be.

    Attributes:
        step_samples: The least audio between two partial results of a segment.
        is_final_only: Whether there are to be none.
    """

    step_samples: int = 0
    is_final_only: bool = False


CLOSELY = Pace()
"""As closely as can be."""
