"""What is measured: weights of one size, and a request for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.engines.bare import Bare
from livetranslate.tensors import Value


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Weights, and how they are asked.

    Attributes:
        name: Of the weights, e.g. `whisper-tiny`.
        engine: Its folder in `model_repository/`.
        profile: Which profile serves it.
        save: Writes the weights into a folder.
        bare: Loads the weights from a folder into the engine.
        request: The input tensors of an item.
        batch_sizes: To measure; an engine without batches is asked so many times at once instead.
        audio_seconds: Of an item, heard or spoken.
        is_stream: Whether the model answers in pieces.
        priority: Of requests, for a model that gives up those of the lowest when they wait for long.
    """

    name: str
    engine: str
    profile: str
    save: Callable[[Path], None]
    bare: Callable[[Path], Bare]
    request: Callable[[], Mapping[str, Value]]
    batch_sizes: Sequence[int]
    audio_seconds: float = 0.0
    is_stream: bool = False
    priority: int = 0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one batch size came to.

    Attributes:
        batch_size: The most items in a batch.
        bare_items_per_second: The engine by itself.
        served_items_per_second: Through Triton, with twice as many requests on their way as a batch holds.
        mean_batch: That Triton formed.
    """

    batch_size: int
    bare_items_per_second: float
    served_items_per_second: float
    mean_batch: float

    @property
    def share(self) -> float:
        """How much of the bare engine's throughput is left."""
        return self.served_items_per_second / self.bare_items_per_second


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a lone request costs beside the engine, in milliseconds.

    Attributes:
        round_trip_ms: From asking to the answer.
        triton_ms: Of it outside the model: the wire, Triton's queue, and the way into the model's process and back.
        model_ms: Of it inside the model.
        bare_ms: What the engine itself takes.
    """

    round_trip_ms: float
    triton_ms: float
    model_ms: float
    bare_ms: float

    @property
    def glue_ms(self) -> float:
        """Of the model's time what is ours: taking requests apart, and putting answers together."""
        return self.model_ms - self.bare_ms


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All figures of a subject."""

    name: str
    figures: Sequence[Figures]
    cost: Cost
    memory_mib: float
    audio_seconds: float

    @property
    def best_share(self) -> float:
        """The best throughput through Triton over the bare engine's best."""
        served = max(figures.served_items_per_second for figures in self.figures)
        return served / max(figures.bare_items_per_second for figures in self.figures)
