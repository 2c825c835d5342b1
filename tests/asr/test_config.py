import pytest

from asr.config import checked_config, endpoint_options, pace_from_proto
from asr.endpoint import FRAME_SAMPLES, EndpointOptions
from asr.pace import CLOSELY, Pace
from livetranslate.endpointing import Endpointing
from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import asr_pb2, types_pb2
from livetranslate.wire import duration_of_samples
from tests.asr.serving import config

OUT_OF_RANGE = [
    ("start_threshold", 1.5),
    ("stop_threshold", 0.6),
    ("start_duration", {"seconds": 2}),
    ("stop_duration", {"nanos": 50_000_000}),
    ("max_duration", {"seconds": 61}),
]


def test_what_is_not_set_has_its_default() -> None:
    """The endpointer's defaults are those that clients are told of."""
    default = EndpointOptions()
    assert endpoint_options(types_pb2.EndpointingOptions()) == default
    assert Endpointing() == Endpointing(
        default.start_threshold,
        default.stop_threshold,
        default.start_frames * FRAME_SAMPLES,
        default.pause_samples,
        default.max_samples,
    )


def test_wishes_become_whole_frames() -> None:
    """What has to last lasts at least as long as asked, and no segment is longer than asked."""
    wishes = types_pb2.EndpointingOptions(
        start_threshold=0.75,
        stop_threshold=0.25,
        start_duration=duration_of_samples(3_000),
        stop_duration=duration_of_samples(3_000),
        max_duration=duration_of_samples(33_000),
    )
    options = endpoint_options(wishes)
    assert (options.start_threshold, options.stop_threshold, options.start_frames) == (0.75, 0.25, 6)
    assert (options.pause_samples, options.max_samples) == (6 * FRAME_SAMPLES, 64 * FRAME_SAMPLES)


@pytest.mark.parametrize(("field", "value"), OUT_OF_RANGE)
def test_what_is_out_of_range_is_refused(field: str, value: object) -> None:
    """The error names the field."""
    with pytest.raises(InvalidArgumentError, match=field):
        endpoint_options(types_pb2.EndpointingOptions(**{field: value}))  # type: ignore[arg-type] # one field's value


def test_too_many_phrases_are_refused() -> None:
    """The error says how many are too many."""
    assert len(checked_config(config(phrases=["a"] * 1_000)).phrases) == 1_000
    with pytest.raises(InvalidArgumentError, match="at most 1,000"):
        checked_config(config(phrases=["a"] * 1_001))


def test_a_pace_is_taken_as_it_is() -> None:
    """Its step in samples, and whether there are to be partial results."""
    message = asr_pb2.RecognitionPace(step_duration=duration_of_samples(16_000), is_final_only=True)
    assert pace_from_proto(message) == Pace(16_000, is_final_only=True)
    assert pace_from_proto(asr_pb2.RecognitionPace()) == CLOSELY


@pytest.mark.parametrize("samples", [-1, 5 * 16_000 + 1])
def test_a_step_out_of_range_is_refused(samples: int) -> None:
    """The error says what may be asked for."""
    with pytest.raises(InvalidArgumentError, match="from 0 to 5 s"):
        pace_from_proto(asr_pb2.RecognitionPace(step_duration=duration_of_samples(samples)))
