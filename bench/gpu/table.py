"""The figures as people read them."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from bench.gpu.capacity import Trial, capacity_of
from bench.gpu.throughput import Throughput


def throughput_table(found: Sequence[Throughput]) -> Table:
    """Windows a second of each engine, and its memory."""
    table = Table(title="Windows of 10 s, 40 tokens each, in batches")
    for heading in ("engine", "batch", "windows/s", "real-time factor", "GPU memory MiB"):
        table.add_column(heading, justify="left" if heading == "engine" else "right")
    engine = ""
    for figures in found:
        if figures.engine != engine:
            table.add_section()
        table.add_row(
            figures.engine if figures.engine != engine else "",
            str(figures.batch_size),
            f"{figures.items_per_second:.2f}",
            f"{figures.real_time_factor:.4f}",
            "" if figures.memory_mib is None else str(figures.memory_mib),
        )
        engine = figures.engine
    return table


def capacity_table(found: Mapping[str, Sequence[Trial]]) -> Table:
    """What each number of sessions came to."""
    table = Table(title="Sessions in real time: 95 % of the looks answered before the session's next one")
    for heading in ("how", "sessions", "looks", "on time", "median ms", "95 % ms", "mean batch", "carried"):
        table.add_column(heading, justify="left" if heading == "how" else "right")
    for how, trials in found.items():
        for trial in trials:
            table.add_row(
                how if trial is trials[0] else "",
                str(trial.sessions),
                str(trial.looks),
                "" if trial.median_ms is None else f"{trial.on_time_share:.3f}",
                "" if trial.median_ms is None else f"{trial.median_ms:.0f}",
                "" if trial.p95_ms is None else f"{trial.p95_ms:.0f}",
                f"{trial.mean_batch:.1f}",
                _verdict(trial, trials),
            )
        table.add_section()
    return table


def _verdict(trial: Trial, trials: Sequence[Trial]) -> str:
    if trial.sessions == capacity_of(trials):
        return "capacity"
    return "yes" if trial.is_carried else "no"
