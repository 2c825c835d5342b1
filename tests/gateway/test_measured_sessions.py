"""Sessions over real gRPC, and what a whole gateway has measured of them in the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from gateway.metrics import GatewayMetrics
from livetranslate import names
from livetranslate.client import TranslateError
from livetranslate.stack.postgres import Postgres
from tests.gateway.inner_services import Asr, Mt, inner_services
from tests.gateway.measuring import Measurements
from tests.gateway.raw_session import RawSession, config, resume
from tests.gateway.running_gateway import running_gateway

SECOND = bytes(32_000)


@pytest.fixture
def measurements(monkeypatch: pytest.MonkeyPatch) -> Measurements:
    """What the gateway measures, in place of what it exports."""
    measurements = Measurements()
    monkeypatch.setattr("gateway.__main__.GatewayMetrics", partial(GatewayMetrics, meter=measurements.meter))
    return measurements


@asynccontextmanager
async def serving(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A gateway while the block runs; then it has handed on all that it has counted."""
    settings = {
        "LIVETRANSLATE_DATABASE_URL": postgres.url,
        "LIVETRANSLATE_GATEWAY_LOOP_DELAY_BOUND_MS": "3600000",
        "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "0",
    }
    services = inner_services(Asr(), Mt())  # type: ignore[abstract] # what is not there is not used
    async with services as urls, running_gateway(monkeypatch, {**settings, **urls}) as address:
        yield address


async def test_a_session_is_measured_from_end_to_end(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, measurements: Measurements
) -> None:
    """Its beginning and end, its audio, and the lags of whatever is told and stored."""
    async with serving(postgres, monkeypatch) as address, RawSession.opened(address, config()) as session:
        await session.send_audio(SECOND * 3)
        told = await session.finish()
    assert measurements.values(names.SESSION_OPENINGS) == {"new": 1, "resumed": 0}
    assert measurements.counted(names.SESSION_ENDINGS) == {"completed": 1}
    assert measurements.values(names.SESSIONS) == {"": 0}
    assert measurements.values(names.AUDIO_RECEIVED) == {"": 3}
    lags = {label: count for label, (count, _) in measurements.recorded(names.RESULT_LAG).items()}
    assert lags["transcript True"] == len(told.finals) == 3
    assert lags["transcript False"] + lags["transcript True"] == len(told.transcripts)
    assert lags["translation True"] == 3
    assert measurements.recorded(names.COMMIT_LAG)[""][0] >= 3
    assert measurements.recorded(names.DURABLE_LAG)[""][0] == 6
    assert measurements.counted(names.SESSION_REFUSALS) == {}


async def test_a_session_that_is_resumed_begins_and_ends_twice(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, measurements: Measurements
) -> None:
    """What it had told before the break is told again, and measured no second time; its audio comes only once."""
    async with serving(postgres, monkeypatch) as address:
        async with RawSession.opened(address, config()) as session:
            await session.send_audio(SECOND * 2)
            before = await session.until(lambda told: told.checkpoints[-1:] == [32_000])
        before.events[1:] = []  # this client has forgotten all but its token
        async with RawSession.opened(address, resume(before)) as session:
            await session.send_audio(SECOND)
            told = await session.finish()
    assert len(told.finals) == 3
    assert measurements.values(names.SESSION_OPENINGS) == {"new": 1, "resumed": 1}
    assert measurements.counted(names.SESSION_ENDINGS) in (
        {"suspended": 1, "completed": 1},
        {"taken_over": 1, "completed": 1},  # where the client was back before its going was noticed
    )
    assert measurements.values(names.SESSIONS) == {"": 0}
    assert measurements.values(names.AUDIO_RECEIVED) == {"": 3}
    assert measurements.recorded(names.RESULT_LAG)["transcript True"][0] == 3


async def test_a_refused_session_is_none(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, measurements: Measurements
) -> None:
    """It counts by the reason that the client is told, and nothing has begun."""
    async with serving(postgres, monkeypatch) as address:
        with pytest.raises(TranslateError) as raised:
            async with RawSession.opened(address, config(("tlh",))):
                raise AssertionError("it was let in")
    assert measurements.counted(names.SESSION_REFUSALS) == {raised.value.reason: 1}
    assert measurements.counted(names.SESSION_OPENINGS) == {}
