"""A real Prometheus that scrapes, evaluates rules and answers queries."""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.process import Process, StackError
from tests.programs import needed_program

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.2
_INTERVAL = "1s"  # of scrapes and rules


@dataclass(frozen=True)
class Sample:
    """A value that a query gave."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Prometheus:
    """One that answers."""

    port: int

    def query(self, expr: str) -> list[Sample]:
        """What an expression gives now."""
        found = self._get("query", query=expr)
        assert found["resultType"] == "vector", expr
        return [Sample(each["metric"], float(each["value"][1])) for each in found["result"]]

    def targets(self) -> dict[str, str]:
        """The health of what is scraped, by job: `up`, or the error."""
        found = self._get("targets", state="active")["activeTargets"]
        return {each["labels"]["job"]: each["lastError"] or each["health"] for each in found}

    def rules(self) -> list[Mapping[str, Any]]:
        """All rules, with the health of each and, of alerts, what is active."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def exemplars(self, expr: str) -> list[Mapping[str, str]]:
        """The labels of the exemplars of the last minutes."""
        now = time.time()
        found = self._get("query_exemplars", query=expr, start=now - 600, end=now + 1)
        return [exemplar["labels"] for series in found for exemplar in series["exemplars"]]

    def wait_until(self, holds: Callable[[], bool], what: str, timeout_seconds: float = 60) -> None:
        """Look again and again, for scrapes take their time."""
        deadline = time.monotonic() + timeout_seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {timeout_seconds:g} s: {what}"
            time.sleep(_POLL_SECONDS)

    def wait_for(self, expr: str) -> None:
        """Ask again and again, until a comparison holds."""
        self.wait_until(lambda: bool(self.query(expr)), expr)

    def wait_for_scrapes(self) -> None:
        """Wait until all that is scraped has been read anew."""
        now, count = time.time(), len(self.targets())
        self.wait_for(f"count(timestamp(up) > {now:.3f} and up == 1) == {count}")

    def is_ready(self) -> bool:
        """Whether it answers queries."""
        try:
            return _get(self.port, "/-/ready")[0] == http.client.OK
        except OSError:
            return False

    def _get(self, path: str, **parameters: object) -> Any:
        status, body = _get(self.port, f"/api/v1/{path}?{urlencode(parameters)}")
        assert status == http.client.OK, body
        return json.loads(body)["data"]


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, str], rule_files: Sequence[Path]) -> Iterator[Prometheus]:
    """Runs it while the block runs; a test that wants it is skipped where it is not installed.

    Args:
        folder: For its settings, data and log.
        targets: `HOST:PORT` by the name of the job.
        rule_files: The rules that it evaluates.
    """
    program = needed_program("prometheus")
    (settings := folder / "prometheus.yaml").write_text(yaml.safe_dump(_settings(targets, rule_files)))
    (port,) = free_ports(1)
    argv = [
        program,
        f"--config.file={settings}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{port}",
        "--enable-feature=exemplar-storage",
    ]
    process = Process.start("prometheus", argv, env={}, log_path=folder / "prometheus.log")
    try:
        server = Prometheus(port)
        server.wait_until(lambda: server.is_ready() or _has_ended(process), "ready", _START_SECONDS)
        yield server
    finally:
        process.stop(_STOP_SECONDS)


def _has_ended(process: Process) -> bool:
    if process.poll() is not None:
        raise StackError("\n".join(process.last_lines(10)))
    return False


def _settings(targets: Mapping[str, str], rule_files: Sequence[Path]) -> Mapping[str, Any]:
    return {
        "global": {"scrape_interval": _INTERVAL, "evaluation_interval": _INTERVAL},
        "rule_files": [str(path) for path in rule_files],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [address], "labels": {"namespace": "test"}}]}
            for job, address in targets.items()
        ],
    }


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
