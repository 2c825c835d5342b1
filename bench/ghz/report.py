"""Runs a configuration with ghz, and reads its report."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("open_close", "speak", "translate_text")

_RUN: Final = Path(__file__).with_name("run")
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What ghz says of its calls.

    Attributes:
        name: The configuration.
        count: How many there were.
        calls_per_second: How many ended in a second.
        statuses: How many ended with which status.
        latency_ms: By percentile: from the beginning of a call to its end, of those that ended well.
    """

    name: str
    count: int
    calls_per_second: float
    statuses: Mapping[str, int]
    latency_ms: Mapping[int, float]


def run_ghz(name: str, address: str, *options: str) -> Report:
    """Run one of the configurations against an address.

    Raises:
        CalledProcessError: ghz could not run it.
    """
    argv = [str(_RUN), name, address, "--format", "json", *options]
    output = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return report_of(name, json.loads(output))


def report_of(name: str, told: Mapping[str, Any]) -> Report:
    """Read ghz's JSON."""
    return Report(
        name=name,
        count=told["count"],
        calls_per_second=round(told["rps"], 1),
        statuses=told["statusCodeDistribution"],
        latency_ms={
            one["percentage"]: round(one["latency"] / _NS_PER_MS, 2) for one in told["latencyDistribution"] or ()
        },
    )
