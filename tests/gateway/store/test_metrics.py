"""What is measured of the store."""

from dataclasses import replace

import pytest

from gateway.store.database import Database
from gateway.store.metrics import WriteMetrics
from gateway.store.records import Entry
from gateway.store.writer import StoreWriter
from livetranslate import names
from livetranslate.errors import UnavailableError
from livetranslate.stack.postgres import Postgres
from tests.gateway.examples import segments
from tests.gateway.measuring import Measurements
from tests.gateway.store.fakes import POISON, FakeStore, Outcomes, PoisonError


@pytest.fixture
def measurements() -> Measurements:
    return Measurements()


def counts(measurements: Measurements) -> dict[str, int]:
    """Writes, by how they went."""
    return {outcome: count for outcome, (count, _) in measurements.recorded(names.STORE_DURATION).items()}


async def test_each_attempt_to_write_is_measured(measurements: Measurements) -> None:
    """By how it went; how much was in it counts only for what is stored, and errors are passed on."""
    store = FakeStore()
    write = WriteMetrics(measurements.meter).measured(store.write)
    entries = [Entry(1, record) for record in segments(3)]
    assert await write(entries) == set()
    store.is_away = True
    with pytest.raises(UnavailableError):
        await write(entries)
    store.is_away = False
    with pytest.raises(PoisonError):
        await write([Entry(1, replace(segments(1)[0], text=POISON)), *entries])
    assert counts(measurements) == {"ok": 1, "unavailable": 1, "refused": 1}
    assert measurements.recorded(names.STORE_BATCH) == {"": (1, 3)}


async def test_the_writer_measures_its_batches(measurements: Measurements) -> None:
    """The time of each, and what was in it."""
    store, outcomes = FakeStore(), Outcomes()
    async with StoreWriter(store.write, meter=measurements.meter) as writer:
        with writer.listening("talk", 1, outcomes.receive_durable, outcomes.receive_refused):
            await writer.put(1, segments(5))
            await outcomes.wait_for(5)
    assert counts(measurements) == {"ok": 1}
    assert measurements.recorded(names.STORE_BATCH) == {"": (1, 5)}


async def test_waits_for_a_connection_are_measured(measurements: Measurements, postgres: Postgres) -> None:
    """Each time that one was got; and how many there are, as it is now."""
    database = await Database.open(postgres.url, meter=measurements.meter)
    used, idle, limit = database.connection_counts
    assert (used, idle) == (0, 1)
    async with database.connection(), database.connection():
        assert database.connection_counts == (2, 0, limit)
    assert database.connection_counts == (0, 2, limit)
    assert [count for count, _ in measurements.recorded(names.DATABASE_CONNECTION_WAIT).values()] == [2]
    await database.aclose()
