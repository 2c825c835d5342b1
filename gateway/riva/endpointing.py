"""Riva's endpointing as ours.

Riva looks at a window of its recognizer's output: speech starts where a share of the window has words, and ends where a
share of it has none. We ask for so much speech, and so much of a pause, in a row: the window times the share. Ours has
bounds, and what lies beyond them is the bound, for a client that has chosen well for Riva is not to be refused.
"""

from riva.client.proto import riva_asr_pb2

from livetranslate.endpointing import START_MS, STOP_MS
from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import types_pb2
from livetranslate.wire import duration_of_seconds

# What Riva's pipelines have where a request leaves one of the two open.
_START_WINDOW_MS, _START_SHARE = 300, 0.2
_STOP_WINDOW_MS, _STOP_SHARE = 800, 0.98


def endpointing_options(config: "riva_asr_pb2.EndpointingConfig") -> types_pb2.EndpointingOptions:
    """The options of a session; what is not set keeps our default.

    Raises:
        InvalidArgumentError: A window is negative, or a share is not between 0 and 1.
    """
    options = types_pb2.EndpointingOptions()
    if config.HasField("start_history") or config.HasField("start_threshold"):
        window = config.start_history if config.HasField("start_history") else _START_WINDOW_MS
        share = config.start_threshold if config.HasField("start_threshold") else _START_SHARE
        options.start_duration.CopyFrom(duration_of_seconds(_milliseconds("start", window, share, START_MS) / 1000))
    if config.HasField("stop_history") or config.HasField("stop_threshold"):
        window = config.stop_history if config.HasField("stop_history") else _STOP_WINDOW_MS
        share = config.stop_threshold if config.HasField("stop_threshold") else _STOP_SHARE
        options.stop_duration.CopyFrom(duration_of_seconds(_milliseconds("stop", window, share, STOP_MS) / 1000))
    return options


def _milliseconds(name: str, window_ms: int, share: float, bounds_ms: tuple[int, int]) -> float:
    if window_ms < 0 or not 0 <= share <= 1:  # also not a number
        message = (
            f"`endpointing_config` has {name}_history {window_ms} and {name}_threshold {share:g}. "
            "Say milliseconds, and a share of 0 to 1."
        )
        raise InvalidArgumentError("ENDPOINTING_INVALID", message, field=f"{name}_history")
    least, most = bounds_ms
    return min(max(window_ms * share, least), most)
