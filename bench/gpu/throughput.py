"""How many windows a second each engine hears in batches of each size, one engine after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.engines.bare import Load, bare_engine
from bench.engines.bare_whisper import WINDOW_SECONDS
from bench.gpu.device import watch_memory
from livetranslate.engine.batch import is_out_of_memory


@dataclass(frozen=True, slots=True)
class Throughput:
    """What one engine came to with one size of batches.

    Attributes:
        engine: Which one.
        batch_size: Windows in a batch.
        items_per_second: Windows heard.
        memory_mib: Of the GPU, beyond what was in use before the engine was loaded; it keeps what smaller batches
            took. None where nobody can tell.
    """

    engine: str
    batch_size: int
    items_per_second: float
    memory_mib: int | None

    @property
    def real_time_factor(self) -> float:
        """Time for a second of audio; below 1 is faster than speech."""
        return 1 / (self.items_per_second * WINDOW_SECONDS)


def measure_throughput(
    engines: Mapping[str, Load],
    weights: Path,
    batch_sizes: Sequence[int],
    *,
    seconds: float,
    used_mib: Callable[[], int | None],
) -> list[Throughput]:
    """All sizes that the device has memory for, each over at least so many seconds."""
    return [
        figures
        for name, load in engines.items()
        for figures in _of_engine(name, load, weights, batch_sizes, seconds=seconds, used_mib=used_mib)
    ]


def _of_engine(
    name: str,
    load: Load,
    weights: Path,
    batch_sizes: Sequence[int],
    *,
    seconds: float,
    used_mib: Callable[[], int | None],
) -> list[Throughput]:
    before = used_mib() or 0
    found: list[Throughput] = []
    with bare_engine(load, weights) as engine:
        for batch_size in sorted(batch_sizes):
            try:
                with watch_memory(used_mib) as peak:
                    rate = engine.items_per_second(batch_size, seconds)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                break  # nor is there for larger ones
            memory = None if peak.used_mib is None else peak.used_mib - before
            found.append(Throughput(name, batch_size, rate, memory))
    return found
