import time
from pathlib import Path

from bench.echo import ROUND_TRIP, echo_server, play_echo
from bench.load import PACING_SLIP, Load, load_processes
from bench.measurement import Window, summarize

CHUNKS = 5
SESSIONS = 3


def test_load_on_the_echo(tmp_path: Path) -> None:
    """Every chunk of every session is sent, none before it has been spoken, and comes back."""
    with echo_server(tmp_path) as (address, _), load_processes(2) as processes:
        load = Load(address, SESSIONS, time.monotonic(), CHUNKS / 10)
        parts = [part.result() for part in processes.play(play_echo, load)]
    figures = [figure for part in parts for figure in part]
    counts = {name: values.count for name, values in summarize(figures, Window(0, time.monotonic())).items()}
    assert counts == dict.fromkeys((PACING_SLIP, ROUND_TRIP), SESSIONS * CHUNKS)
    assert all(seconds >= 0 for name, _, seconds in figures if name == PACING_SLIP)
