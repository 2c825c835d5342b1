"""Where speech starts and ends, as clients may wish it: the defaults and the ranges of `EndpointingOptions`."""

from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import ms_of_samples, samples_of_ms
from livetranslate.v1 import types_pb2
from livetranslate.wire import samples_of_duration

START_MS = (32, 1_000)
STOP_MS = (100, 5_000)
_MAX_MS = (2_000, 60_000)


@dataclass(frozen=True, slots=True)
class Endpointing:
    """When speech starts and ends; times in samples."""

    start_threshold: float = 0.5
    stop_threshold: float = 0.35
    start_samples: int = samples_of_ms(64)
    stop_samples: int = samples_of_ms(512)
    max_samples: int = samples_of_ms(20_000)


def endpointing_from_proto(options: types_pb2.EndpointingOptions) -> Endpointing:
    """The wishes, and the defaults of what is not set.

    Raises:
        InvalidArgumentError: Something is out of range.
    """
    default = Endpointing()
    start = options.start_threshold or default.start_threshold
    stop = options.stop_threshold or min(default.stop_threshold, start)
    if not 0 < stop <= start <= 1:
        message = (
            f"`endpointing` has start_threshold {start:g} and stop_threshold {stop:g}: both lie between 0 and 1, "
            "and speech stops at or below where it starts."
        )
        raise InvalidArgumentError("ENDPOINTING_INVALID", message, field="thresholds")
    return Endpointing(
        start_threshold=start,
        stop_threshold=stop,
        start_samples=_samples(options, "start_duration", default.start_samples, START_MS),
        stop_samples=_samples(options, "stop_duration", default.stop_samples, STOP_MS),
        max_samples=_samples(options, "max_duration", default.max_samples, _MAX_MS),
    )


def _samples(options: types_pb2.EndpointingOptions, name: str, default: int, range_ms: tuple[int, int]) -> int:
    duration: Duration = getattr(options, name)
    samples = samples_of_duration(duration) if options.HasField(name) else default  # type: ignore[arg-type] # one of its fields
    least, most = range_ms
    if not samples_of_ms(least) <= samples <= samples_of_ms(most):
        given = ms_of_samples(samples)
        message = f"`endpointing.{name}` is {given:g} ms; {least:,} to {most:,} ms are possible."
        raise InvalidArgumentError("ENDPOINTING_INVALID", message, field=name)
    return samples
