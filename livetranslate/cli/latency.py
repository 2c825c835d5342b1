"""How late results were, and where the time went."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Group
from rich.table import Table

from livetranslate.cli.captions import clock, seconds
from livetranslate.v1 import gateway_pb2, types_pb2

_KEPT_VALUES: Final = 10_000  # per row: hours of speech, and a bound


@dataclass(frozen=True)
class Row:
    """One measure: how often it was taken, its median, and the value that 95 of 100 stay below."""

    name: str
    count: int
    p50_seconds: float
    p95_seconds: float


class Latency:
    """Collects lags and hop times from a session's events."""

    def __init__(self) -> None:
        self._lags: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT_VALUES))
        self._hops: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT_VALUES))
        self._spoken: dict[str, str] = {}
        self._summary: gateway_pb2.SessionSummary | None = None

    def receive(self, event: gateway_pb2.SessionEvent) -> None:
        """Takes in finals, each segment's first sound, and the totals."""
        if event.HasField("transcript") and event.transcript.revision.is_final:
            self._lags["final transcript"].append(seconds(event.transcript.lag))
            self._add_hops(event.transcript.revision.hop_times)
        elif event.HasField("translation") and event.translation.revision.is_final:
            self._lags["final translation"].append(seconds(event.translation.lag))
            self._add_hops(event.translation.revision.hop_times)
        elif event.HasField("speech") and self._is_first(event.speech):
            self._lags["first audio"].append(seconds(event.speech.lag))
            self._add_hops(event.speech.audio.hop_times)
        elif event.HasField("summary"):
            self._summary = event.summary

    def rows(self) -> list[Row]:
        """The lags in the order of the flow, then the hops."""
        lags = [_row(f"lag of {name}", values) for name, values in self._lags.items()]
        return lags + [_row(f"time in {hop}", values) for hop, values in sorted(self._hops.items())]

    def report(self) -> Group:
        """Renders everything: the session's totals, and below a table of what was measured."""
        if not (rows := self.rows()):
            return Group(self._totals())
        table = Table("")
        for heading in ("count", "p50", "p95"):
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(row.name, str(row.count), _milliseconds(row.p50_seconds), _milliseconds(row.p95_seconds))
        return Group(self._totals(), table)

    def _totals(self) -> str:
        if self._summary is None:
            return "The session did not end properly"
        totals = self._summary
        duration = clock(seconds(totals.audio_duration))
        return (
            f"{duration} of audio: {_counted(totals.segment_count, 'segment')}, {_counted(totals.word_count, 'word')}"
        )

    def _add_hops(self, hop_times: Iterable[types_pb2.HopTime]) -> None:
        for hop_time in hop_times:
            self._hops[hop_time.hop].append(seconds(hop_time.duration))

    def _is_first(self, speech: gateway_pb2.Speech) -> bool:
        before = self._spoken.get(speech.language_code)
        self._spoken[speech.language_code] = speech.audio.segment_id
        return before != speech.audio.segment_id


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` of 100 values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _row(name: str, values: Sequence[float]) -> Row:
    return Row(name, len(values), percentile(values, 50), percentile(values, 95))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _milliseconds(value_seconds: float) -> str:
    return f"{value_seconds * 1000:,.0f} ms"
