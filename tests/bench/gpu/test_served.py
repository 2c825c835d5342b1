import asyncio

import pytest

from bench.gpu.served import serve_in_real_time
from bench.gpu.speaking import Look
from livetranslate.errors import ResourceExhaustedError
from tests.bench.gpu.looks import look


async def test_each_look_is_asked_for_when_it_is_due() -> None:
    """Whether or not others have been answered."""
    asked: list[float] = []
    last_asked = asyncio.Event()

    async def ask(found: Look) -> None:
        asked.append(found.due_seconds)
        if found.due_seconds == 0.02:
            last_asked.set()
        await last_asked.wait()

    counts = iter([5, 7])
    looks = [look(0.0, answer_by=60), look(0.01, answer_by=60), look(0.02, answer_by=60)]
    trial = await serve_in_real_time(3, looks, ask, lambda: next(counts))
    assert asked == [0.0, 0.01, 0.02]
    assert trial.is_carried
    assert trial.mean_batch == 1.5
    assert trial.p95_ms is not None
    assert trial.p95_ms > 10


@pytest.mark.parametrize("answer_by", [-1.0, 5.0])
async def test_a_trial_ends_once_too_much_is_late(answer_by: float) -> None:
    """Or refused; what was not asked for by then never is."""

    async def ask(_: Look) -> None:
        if answer_by > 0:
            raise ResourceExhaustedError("MODEL_BUSY", "The queue is full.")

    looks = [look(0.0, answer_by=answer_by), look(3600.0)]
    trial = await serve_in_real_time(2, looks, ask, lambda: 0)
    assert not trial.is_carried
    assert trial.on_time_share == 0
    assert trial.p95_ms is None
