"""What is counted. Exported as `livetranslate.telemetry` says; it costs next to nothing otherwise."""

from opentelemetry import metrics

from livetranslate import names

METER = metrics.get_meter("livetranslate")

_retries = METER.create_counter(names.RETRIES, description="Calls that were repeated because a dependency failed.")


def count_retry(dependency: str) -> None:
    """Note that a call to a dependency is being repeated."""
    _retries.add(1, {names.DEPENDENCY: dependency})
