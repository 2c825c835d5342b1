"""A real Prometheus looks at the real system: whatever dashboards and rules ask for is there."""

import http.client
import math
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from livetranslate.client import Client
from livetranslate.stack.process import Process
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from tests.environment import ENVIRONMENT
from tests.gateway.talk import pieces, talk
from tests.k8s.monitoring.files import RUNBOOKS, dashboard_expressions, recordings, write_rules
from tests.k8s.monitoring.promql import parse
from tests.otlp_collector import Collector, collecting
from tests.programs import needed_program
from tests.prometheus import Prometheus, prometheus

ROOT = Path(__file__).parents[2]
SERVICES = ("gateway", "asr", "mt", "tts")
_STOP_SECONDS = 15.0

# What a system that is well, on one machine without a GPU, does not have.
ABSENT = {
    "nv_gpu_utilization": "there is no GPU",
    "nv_gpu_memory_used_bytes": "there is no GPU",
    "nv_gpu_memory_total_bytes": "there is no GPU",
    **dict.fromkeys(
        (
            "livetranslate_keeper_memory_bytes",
            "livetranslate_keeper_budget_bytes",
            "livetranslate_keeper_model_state",
            "livetranslate_keeper_model_holders",
            "livetranslate_keeper_load_duration_seconds_bucket",
            "livetranslate_keeper_unloads_total",
            "livetranslate_keeper_refusals_total",
        ),
        "all models fit into memory, and there is no keeper",
    ),
}

# What there may be, or not.
MAY_BE_EMPTY = {f"{service} / Left out / {{{{reason}}}}" for service in ("asr", "mt", "tts")}
RECORDED_OF_FAILURES = {"namespace_job_model:livetranslate_model_request_errors:ratio_rate5m"}


@dataclass(frozen=True)
class Watched:
    """The system, and those who watch it."""

    stack: Stack
    prometheus: Prometheus
    collector: Collector


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Sessions with engines that cost nothing, scraped each second; the first words were told before others."""
    needed_program("prometheus")
    folder = tmp_path_factory.mktemp("watched")
    with collecting() as collector:
        options = StackOptions(
            profile="null",
            data_folder=folder,
            model_repository=ROOT / "bench" / "models",
            environment={**ENVIRONMENT, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint},
        )
        (rules := folder / "rules").mkdir()
        with (
            running_stack(options) as stack,
            prometheus(folder, stack.metrics_addresses, write_rules(rules)) as server,
        ):
            watched = Watched(stack, server, collector)
            _hold_sessions(watched)
            yield watched


def _hold_sessions(watched: Watched) -> None:
    """A second one, once the first has been scraped: what a counter had when it was first seen is no increase."""
    for count in (1, 2):
        with Client(watched.stack.gateway_address) as client:
            for _ in client.translate(pieces(talk(20).tobytes()), source="en", targets=["es", "ca"], speech=["es"]):
                pass
        watched.prometheus.wait_for(f'livetranslate_session_endings_total{{state="completed"}} == {count}')
        watched.prometheus.wait_for_scrapes()  # of the other services, too


def test_every_part_can_be_scraped(watched: Watched) -> None:
    """What the services give, Prometheus can read."""
    assert watched.prometheus.targets() == dict.fromkeys((*SERVICES, "triton"), "up")


@pytest.mark.parametrize("where", dashboard_expressions())
def test_every_panel_has_data(watched: Watched, where: str) -> None:
    """Grafana would show a graph, except for what a system that is well does not have."""
    expr = dashboard_expressions()[where]
    series = {selector.series for selector in parse(expr).selectors}
    samples = watched.prometheus.query(expr)
    if series.isdisjoint(ABSENT) and where not in MAY_BE_EMPTY:
        assert samples
        assert not all(math.isnan(sample.value) for sample in samples)


def test_what_is_absent_is_absent(watched: Watched) -> None:
    """The list excuses nothing that is there, and nothing that no panel asks for."""
    asked = {each.series for expr in dashboard_expressions().values() for each in parse(expr).selectors}
    assert set(ABSENT) <= asked
    for series in ABSENT:
        assert watched.prometheus.query(series) == []


def test_the_rules_are_evaluated(watched: Watched) -> None:
    """None has an error, and what is recorded of a system that is well is there."""
    rules = watched.prometheus.rules()
    watched.prometheus.wait_until(
        lambda: all(rule["health"] != "unknown" for rule in watched.prometheus.rules()), "run"
    )
    assert [rule.get("lastError") for rule in rules if rule["health"] == "err"] == []
    for name in set(recordings()) - RECORDED_OF_FAILURES:
        watched.prometheus.wait_for(name)


def test_what_runbooks_ask_for_can_be_asked(watched: Watched) -> None:
    """Each line can be pasted into Prometheus."""
    for path in RUNBOOKS.glob("*.md"):
        for block in re.findall(r"```promql\n(.+?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.strip().splitlines():
                watched.prometheus.query(line)


@pytest.mark.parametrize("service", SERVICES)
def test_names_are_as_prometheus_wants_them(watched: Watched, service: str) -> None:
    """promtool finds nothing to object to: units, suffixes, help."""
    host, _, port = watched.stack.metrics_addresses[service].rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read()
    connection.close()
    run = subprocess.run(
        [needed_program("promtool"), "check", "metrics"], input=text, capture_output=True, timeout=30, check=False
    )
    assert (run.returncode, run.stderr.decode()) == (0, "")


def test_a_late_word_leads_to_its_trace(watched: Watched) -> None:
    """The exemplars of the commit lag are traces of segments that the collector has."""
    exemplars = watched.prometheus.exemplars("livetranslate_commit_lag_seconds_bucket")
    assert exemplars
    told = {exemplar["trace_id"] for exemplar in exemplars}
    watched.prometheus.wait_until(
        lambda: told <= {span.trace_id for span in watched.collector.spans if span.name == "asr.segment"}, "exported"
    )


def test_a_service_that_dies_is_noticed(watched: Watched) -> None:
    """The alert for it is on its way within seconds, and no other service is blamed. The last test: tts is gone."""
    part = watched.stack.parts.pop("tts")
    assert isinstance(part, Process)
    part.stop(_STOP_SECONDS)
    watched.prometheus.wait_until(lambda: _alerts(watched, "LiveTranslateServiceDown") == {"tts"}, "noticed")
    assert _alerts(watched, "LiveTranslateReplicaDown") == {"tts"}


def _alerts(watched: Watched, name: str) -> set[str]:
    [rule] = [rule for rule in watched.prometheus.rules() if rule["name"] == name]
    return {alert["labels"]["job"] for alert in rule["alerts"]}
