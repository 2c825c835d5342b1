"""Where speech starts and ends, as clients may wish it."""

from typing import Any

import pytest

from livetranslate.endpointing import Endpointing, endpointing_from_proto
from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import types_pb2
from livetranslate.wire import duration_of_seconds


def options(**fields: Any) -> types_pb2.EndpointingOptions:
    """Options, with durations in seconds."""
    durations = {name: duration_of_seconds(value) for name, value in fields.items() if name.endswith("duration")}
    return types_pb2.EndpointingOptions(**(fields | durations))


def test_what_is_not_set_has_its_default() -> None:
    """So has all of it where nothing is."""
    assert endpointing_from_proto(options()) == Endpointing()
    assert endpointing_from_proto(options(stop_duration=0.8)) == Endpointing(stop_samples=12_800)


def test_everything_can_be_set() -> None:
    """Times become samples."""
    wished = options(start_threshold=0.75, stop_threshold=0.5, start_duration=0.1, stop_duration=1, max_duration=30)
    assert endpointing_from_proto(wished) == Endpointing(0.75, 0.5, 1_600, 16_000, 480_000)


def test_speech_that_starts_early_stops_no_later_than_it_starts() -> None:
    """A low start takes the other threshold's default with it."""
    assert endpointing_from_proto(options(start_threshold=0.25)).stop_threshold == 0.25


@pytest.mark.parametrize(
    "wished",
    [
        options(start_threshold=1.5),
        options(start_threshold=-0.5),
        options(start_threshold=float("nan")),
        options(stop_threshold=-0.1),
        options(stop_threshold=0.6),
        options(start_duration=0.031),
        options(start_duration=1.001),
        options(stop_duration=0),
        options(stop_duration=5.001),
        options(max_duration=1.999),
        options(max_duration=60.001),
    ],
)
def test_what_is_out_of_range_is_refused(wished: types_pb2.EndpointingOptions) -> None:
    """The error names the field and says what would be possible."""
    with pytest.raises(InvalidArgumentError, match="`endpointing") as caught:
        endpointing_from_proto(wished)
    assert caught.value.reason == "ENDPOINTING_INVALID"
