"""Riva's endpointing as ours."""

import pytest
from riva.client.proto import riva_asr_pb2

from gateway.riva.endpointing import endpointing_options
from livetranslate.endpointing import endpointing_from_proto
from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import samples_of_ms

Config = riva_asr_pb2.EndpointingConfig


def test_what_is_not_said_keeps_our_default() -> None:
    """An empty configuration says nothing."""
    options = endpointing_options(Config())
    assert not options.ListFields()


@pytest.mark.parametrize(
    ("config", "start_ms", "stop_ms"),
    [
        pytest.param(Config(start_history=300, start_threshold=0.5), 150, None, id="start"),
        pytest.param(Config(start_history=400), 80, None, id="start-window-alone"),
        pytest.param(Config(start_threshold=0.5), 150, None, id="start-share-alone"),
        pytest.param(Config(stop_history=1_000, stop_threshold=0.5), None, 500, id="stop"),
        pytest.param(Config(stop_history=1_000), None, 980, id="stop-window-alone"),
        pytest.param(Config(stop_threshold=0.5), None, 400, id="stop-share-alone"),
        pytest.param(Config(start_history=0, stop_history=0), 32, 100, id="least"),
        pytest.param(Config(start_history=60_000, stop_history=60_000), 1_000, 5_000, id="most"),
    ],
)
def test_a_window_and_its_share_are_a_duration(
    config: riva_asr_pb2.EndpointingConfig, start_ms: float | None, stop_ms: float | None
) -> None:
    """Within our bounds, so that a session takes it."""
    options = endpointing_options(config)
    endpointing = endpointing_from_proto(options)
    assert options.HasField("start_duration") == (start_ms is not None)
    assert options.HasField("stop_duration") == (stop_ms is not None)
    assert start_ms is None or endpointing.start_samples == pytest.approx(samples_of_ms(start_ms), abs=1)
    assert stop_ms is None or endpointing.stop_samples == pytest.approx(samples_of_ms(stop_ms), abs=1)


@pytest.mark.parametrize(
    "config", [Config(start_history=-1), Config(stop_threshold=1.5), Config(start_threshold=float("nan"))]
)
def test_what_is_no_window_is_refused(config: riva_asr_pb2.EndpointingConfig) -> None:
    """Negative windows, and shares beyond one."""
    with pytest.raises(InvalidArgumentError, match="share of 0 to 1"):
        endpointing_options(config)
