"""What asr measures. Exported as `livetranslate.telemetry` says."""

from collections.abc import Iterable, Mapping
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from asr.endpoint import SegmentEnd
from asr.slots import SequenceSlots
from livetranslate import names
from livetranslate.metrics import METER, counter, gauge, show_retries
from livetranslate.triton import TRITON

_ENDS: Final = {end: {names.SEGMENT_END: end.name.lower()} for end in SegmentEnd} | {
    None: {names.SEGMENT_END: "failure"}
}
_MISSED_WINDOW: Final = {names.REASON: "window_missed"}
_WAITING_FOR_SLOT: Final = "slot"

_segments = counter(names.SEGMENTS)
_drops = counter(names.DROPS)


def show_from_start() -> None:
    """Let what is counted begin at 0, so that the first is seen to come."""
    show_retries(TRITON)
    _drops.add(0, _MISSED_WINDOW)
    for attributes in _ENDS.values():
        _segments.add(0, attributes)


def count_segment(end: SegmentEnd | None) -> None:
    """A segment has become final; None: because it could not be decoded any further."""
    _segments.add(1, _ENDS[end])


def count_missed_window() -> None:
    """A window was not decoded, for the model had no time for it; a later one has its audio, too."""
    _drops.add(1, _MISSED_WINDOW)


def show_slots(slots: Mapping[str, SequenceSlots], meter: Meter = METER) -> None:
    """Show the decoders of all models from here on. The exporter's thread reads plain numbers of them."""

    def limits(_options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(of_model.limit, {names.MODEL: model}) for model, of_model in list(slots.items())]

    def used(_options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(of_model.used, {names.MODEL: model}) for model, of_model in list(slots.items())]

    def waiting(_options: CallbackOptions) -> Iterable[Observation]:
        count = sum(of_model.waiting_count for of_model in list(slots.values()))
        return [Observation(count, {names.QUEUE: _WAITING_FOR_SLOT})]

    gauge(names.SLOTS_LIMIT, limits, meter)
    gauge(names.SLOTS_USED, used, meter)
    gauge(names.QUEUE_DEPTH, waiting, meter)
