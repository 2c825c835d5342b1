"""The figures as people read them."""

from collections.abc import Sequence

from rich.table import Table

from bench.engines.subject import Outcome

AIM_SHARE = 0.9  # of the bare engine's batched throughput


def throughput_table(outcomes: Sequence[Outcome]) -> Table:
    """Items per second in batches of each size: the engine by itself, and through Triton."""
    table = Table(title="Throughput: the engine by itself, then through Triton")
    for heading in ("model", "batch", "bare items/s", "Triton items/s", "share", "mean batch", "real-time factor"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for outcome in outcomes:
        for figures in outcome.figures:
            table.add_row(
                outcome.name if figures is outcome.figures[0] else "",
                str(figures.batch_size),
                f"{figures.bare_items_per_second:.2f}",
                f"{figures.served_items_per_second:.2f}",
                f"{figures.share:.2f}",
                f"{figures.mean_batch:.1f}",
                _real_time_factor(outcome.audio_seconds, figures.served_items_per_second),
            )
        table.add_section()
    return table


def cost_table(outcomes: Sequence[Outcome]) -> Table:
    """What a lone request costs, and what the model holds."""
    table = Table(title=f"Best throughput (aim: {AIM_SHARE:g} of the bare engine's), a lone request, and memory")
    headings = (
        "model",
        "best share",
        "round trip ms",
        "Triton ms",
        "model ms",
        "engine ms",
        "our glue ms",
        "memory MiB",
    )
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for outcome in outcomes:
        cost = outcome.cost
        times = (cost.round_trip_ms, cost.triton_ms, cost.model_ms, cost.bare_ms, cost.glue_ms)
        table.add_row(
            outcome.name, f"{outcome.best_share:.2f}", *(f"{ms:.1f}" for ms in times), f"{outcome.memory_mib:.0f}"
        )
    return table


def _real_time_factor(audio_seconds: float, items_per_second: float) -> str:
    """Time for a second of audio; below 1 is faster than speech."""
    return f"{1 / (audio_seconds * items_per_second):.3f}" if audio_seconds else ""
