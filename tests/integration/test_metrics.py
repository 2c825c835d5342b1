"""What the whole system tells Prometheus: everything in the catalogue, and nothing else."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence

import pytest
from prometheus_client.samples import Sample

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.metrics import CATALOGUE, Kind, Metric
from livetranslate.prometheus import prometheus_label, prometheus_name
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from tests.explicit_triton import write_models
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told
from tests.integration.test_keeper import BUDGET_MIB, MODELS, held
from tests.otlp_collector import collecting
from tests.scraping import scraped

Scrapes = Mapping[str, Mapping[str, Sequence[Sample]]]

OF_THE_PROCESS = {"target_info"}
SUFFIXES = {Kind.HISTOGRAM: ("_bucket", "_count", "_sum")}
WITH_TRACES = (
    "livetranslate_commit_lag_seconds",
    "livetranslate_result_lag_seconds",
    "livetranslate_hop_duration_seconds",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system with models that do not fit into memory together, and somebody who takes its traces."""
    folder = tmp_path_factory.mktemp("measured")
    write_models(MODELS, folder / "repository")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    with collecting() as collector:
        environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "LIVETRANSLATE_KEEPER_IDLE_SECONDS": "0",
            "LIVETRANSLATE_KEEPER_STAY_SECONDS": "0",
            "LIVETRANSLATE_ASR_DECODE_PATIENCE_SECONDS": "3",
        }
        options = StackOptions(
            profile="null",
            data_folder=folder / "data",
            model_repository=folder / "repository",
            memory_budget_mib=BUDGET_MIB,
            environment=environment,
        )
        with running_stack(options) as stack:
            yield stack


@pytest.fixture(scope="module")
def scrapes(stack: Stack) -> Scrapes:
    """What the services tell after a few sessions, one of which was refused."""
    asyncio.run(_some_sessions(stack))
    return {name: scraped(address) for name, address in stack.metrics_addresses.items() if name != "triton"}


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_a_row_is_measured_by_whoever_it_names(scrapes: Scrapes, row: Metric) -> None:
    """Each service that the catalogue names shows the metric, with the attributes that the catalogue names."""
    for service in row.services:
        samples = scrapes[service].get(_a_name(row), ())
        assert samples, f"{service} does not measure {row.name}"
        labels = {label for sample in samples for label in sample.labels} - {"le"}
        assert labels == set(map(prometheus_label, row.attributes))


def test_nothing_else_is_measured(scrapes: Scrapes) -> None:
    """What a service shows is in the catalogue under its name, or is about its process."""
    for service, samples in scrapes.items():
        known = {name for row in CATALOGUE if service in row.services for name in _names(row)}
        others = {name for name in samples if not name.startswith("process_")}
        assert others - known - OF_THE_PROCESS == set()


@pytest.mark.parametrize("name", WITH_TRACES)
def test_lags_lead_to_traces(scrapes: Scrapes, name: str) -> None:
    """A lag has exemplars: the traces of segments that took so long."""
    exemplars = [sample.exemplar for sample in scrapes["gateway"][f"{name}_bucket"] if sample.exemplar]
    assert exemplars
    assert all(len(exemplar.labels["trace_id"]) == 32 for exemplar in exemplars)


async def test_trouble_is_counted(stack: Stack, scrapes: Scrapes) -> None:
    """When Triton dies, what is asked again is counted, and that its breaker has opened."""
    audio = pieces(talk(12).tobytes())
    async with (
        asyncio.timeout(120),
        AsyncClient(stack.gateway_address) as client,
        client.open_session(source="en", targets=["es"]) as session,
    ):
        told, events = Told(), aiter(session)
        await told.until(events, lambda told: bool(told.events))
        os.kill(stack.parts["triton"].pid, signal.SIGKILL)
        for piece in audio:
            await session.send_audio(piece)
        await session.finish()
        await told.until(events, lambda told: "RECOGNITION_FAILED" in told.notices)
    after = scraped(stack.metrics_addresses["asr"])
    for name in ("livetranslate_retries_total", "livetranslate_breaker_openings_total"):
        assert _value(after, name) > _value(scrapes["asr"], name) == 0


async def _some_sessions(stack: Stack) -> None:
    audio = pieces(talk(12).tobytes())
    async with AsyncClient(stack.gateway_address) as client, asyncio.timeout(120):
        await Told.of(client.translate(audio, source="en", targets=["fr"]))
        while await held(stack):  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.05)
        async with client.open_session(source="en", targets=["es"], speech=["es"]) as session:
            told, events = Told(), aiter(session)
            await told.until(events, lambda told: bool(told.events))
            with pytest.raises(TranslateError):  # for lack of memory
                await Told.of(client.translate(audio, source="en", targets=["fr"]))
            for piece in audio:
                await session.send_audio(piece)
            await told.until(events, lambda told: bool(told.speech))
            while not _are_queues_measured(stack):  # noqa: ASYNC110 - it is done once a second
                await asyncio.sleep(0.1)
            await session.finish()
            told.events += [event async for event in events]


def _are_queues_measured(stack: Stack) -> bool:
    """Whether each service has seen how long its requests wait."""
    name = "livetranslate_queue_wait_seconds"
    return all(name in scraped(stack.metrics_addresses[service]) for service in ("asr", "mt", "tts"))


def _value(samples: Mapping[str, Sequence[Sample]], name: str) -> float:
    return sum(sample.value for sample in samples[name] if sample.labels["dependency"] == "triton")


def _names(row: Metric) -> list[str]:
    return [prometheus_name(row) + suffix for suffix in SUFFIXES.get(row.kind, ("",))]


def _a_name(row: Metric) -> str:
    return _names(row)[0]
