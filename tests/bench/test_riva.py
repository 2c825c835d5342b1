"""What Riva's protocol costs beside ours."""

import pytest

from bench.measurement import Percentiles
from bench.overhead import Scenario
from bench.riva import cost, table
from bench.riva_play import FINAL, INTERIM


def turn(protocol: str, cpu_ms: float, p95_ms: float) -> Scenario:
    figures = Percentiles(10, 1.0, p95_ms, p95_ms)
    latencies = {INTERIM: figures, FINAL: figures}
    return Scenario(protocol, 1, 8.0, True, {"gateway": cpu_ms}, latencies)


def test_each_protocol_has_the_medians_of_its_turns() -> None:
    """One turn that was disturbed makes no difference."""
    turns = [turn("own", 4.0, 20.0), turn("riva", 4.2, 21.0), turn("own", 40.0, 200.0), turn("own", 4.0, 20.0)]
    own, riva = cost("own", turns), cost("riva", turns)
    assert (own.gateway_cpu_ms_per_audio_second, own.p95_ms[FINAL]) == (4.0, 20.0)
    assert (riva.gateway_cpu_ms_per_audio_second, riva.p95_ms[INTERIM]) == (4.2, 21.0)
    differences = list(table(own, riva).columns[3].cells)
    assert differences == ["+5.0%", "+0.0", "+1.0", "+0.0", "+1.0"]


def test_a_protocol_without_turns_has_no_figures() -> None:
    """Nothing is made up."""
    with pytest.raises(ValueError, match="median"):
        cost("riva", [turn("own", 4.0, 20.0)])
