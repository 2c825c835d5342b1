from rich.console import Console
from rich.table import Table

from bench.engines.subject import Cost, Figures, Outcome
from bench.engines.table import cost_table, throughput_table

OUTCOME = Outcome(
    name="whisper-tiny",
    figures=[
        Figures(batch_size=1, bare_items_per_second=2.0, served_items_per_second=1.5, mean_batch=1.0),
        Figures(batch_size=8, bare_items_per_second=4.0, served_items_per_second=3.8, mean_batch=7.5),
    ],
    cost=Cost(round_trip_ms=510.0, triton_ms=6.0, model_ms=504.0, bare_ms=500.0),
    memory_mib=256.4,
    audio_seconds=5.0,
)


def test_a_row_for_each_batch_size() -> None:
    """What is left of the bare engine's throughput, and how long a second of audio takes."""
    rows = [row.replace("│", "").split() for row in drawn(throughput_table([OUTCOME])) if "." in row]
    assert rows == [
        ["whisper-tiny", "1", "2.00", "1.50", "0.75", "1.0", "0.133"],
        ["8", "4.00", "3.80", "0.95", "7.5", "0.053"],
    ]


def test_the_best_sizes_are_compared_and_our_part_of_a_lone_request_told() -> None:
    """The share is that of the best through Triton; the glue is the model's time without the engine's."""
    (row,) = [row for row in drawn(cost_table([OUTCOME])) if "whisper-tiny" in row]
    assert row.replace("│", "").split() == ["whisper-tiny", "0.95", "510.0", "6.0", "504.0", "500.0", "4.0", "256"]


def test_what_has_no_audio_has_no_real_time_factor() -> None:
    """Text takes no time to say."""
    outcome = Outcome(name="opus-base", figures=OUTCOME.figures[:1], cost=OUTCOME.cost, memory_mib=1, audio_seconds=0)
    (row,) = [row for row in drawn(throughput_table([outcome])) if "opus-base" in row]
    assert row.replace("│", "").split() == ["opus-base", "1", "2.00", "1.50", "0.75", "1.0"]


def drawn(table: Table) -> list[str]:
    """The table as lines."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get().splitlines()
