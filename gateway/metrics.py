"""What the gateway measures. Exported as `livetranslate.telemetry` says.

What happens often, audio above all, is counted in plain numbers, which are handed on once a second: so it costs next to
nothing, and the exporter's thread never reads what the event loop is changing.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from gateway.session import GatewaySession
from gateway.session_metrics import ResultInstruments, SessionMetrics
from gateway.store.bus import SessionBus
from gateway.store.database import Database
from gateway.store.records import SessionState
from gateway.store.writer import StoreWriter
from gateway.viewers import Viewers
from livetranslate import names
from livetranslate.errors import LiveTranslateError
from livetranslate.interceptor import first_error
from livetranslate.metrics import METER, Observe, counter, gauge, up_down_counter
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ

_BYTES_PER_SECOND: Final = SAMPLE_RATE_HERTZ * BYTES_PER_SAMPLE
_SAMPLE_SECONDS: Final = 1.0  # a scrape comes every fifteen or so
_GAUGES: Final = (
    names.VIEWERS,
    names.QUEUE_DEPTH,
    names.STORE_BACKLOG,
    names.STORE_SPILLED,
    names.DATABASE_CONNECTIONS,
    names.DATABASE_CONNECTION_LIMIT,
)

TAKEN_OVER: Final = "taken_over"
"""How a session ends here that goes on elsewhere."""

_ENDINGS: Final = (SessionState.COMPLETED, SessionState.SUSPENDED, SessionState.INTERRUPTED, TAKEN_OVER)
_REFUSALS: Final = ("DRAINING", "SERVER_BUSY", "TOO_MANY_OPENINGS", "TOO_MANY_SESSIONS")  # not the caller's mistakes


class Drop(StrEnum):
    """Why something was left out."""

    SERVER_BUSY = "server_busy"
    """A partial text was not told, or not translated, for the sessions that run have to be served in time."""
    CLIENT_BEHIND = "client_behind"
    """A partial text gave way to a newer one before the client took it."""
    VIEWER_BEHIND = "viewer_behind"
    """A partial text was over before a viewer took it."""
    BUS_BEHIND = "bus_behind"
    """A partial text gave way to a newer one, or to a lack of room, before other replicas were told of it."""


class Opening:
    """Whether a client's stream has become a session."""

    def __init__(self) -> None:
        """Not yet."""
        self.has_succeeded = False


class GatewayMetrics:
    """One per process."""

    def __init__(
        self, viewers: Viewers, bus: SessionBus, writer: StoreWriter, database: Database, meter: Meter = METER
    ) -> None:
        """Have nothing to show yet."""
        self._viewers = viewers
        self._bus = bus
        self._writer = writer
        self._database = database
        self._active = up_down_counter(names.SESSIONS, meter)
        self._openings = counter(names.SESSION_OPENINGS, meter)
        self._refusals = counter(names.SESSION_REFUSALS, meter)
        self._endings = counter(names.SESSION_ENDINGS, meter)
        self._audio = counter(names.AUDIO_RECEIVED, meter)
        self._drops = counter(names.DROPS, meter)
        self._results = ResultInstruments(meter)
        self._running: dict[GatewaySession, SessionMetrics] = {}
        self._audio_bytes = 0  # of the sessions that have ended
        self._dropped: Counter[str] = Counter()  # the same
        self._told_seconds = 0.0
        self._told_drops: Counter[str] = Counter()
        self._shown: dict[str, tuple[Observation, ...]] = {}  # the exporter's thread reads whole tuples
        for name in _GAUGES:
            gauge(name, self._observer(name), meter)
        self._count_nothing()

    @contextmanager
    def opening(self) -> Iterator[Opening]:
        """A stream runs while the block does; an error before it has become a session is a refusal."""
        opening = Opening()
        try:
            yield opening
        except Exception as error:
            if not opening.has_succeeded:
                cause = first_error(error)
                reason = cause.reason if isinstance(cause, LiveTranslateError) else "INTERNAL"
                self._refusals.add(1, {names.REASON: reason})
            raise

    @contextmanager
    def running(self, session: GatewaySession, *, is_resumed: bool) -> Iterator[SessionMetrics]:
        """A session runs here while the block does."""
        metrics = self._running[session] = SessionMetrics(session, self._results)
        self._openings.add(1, {names.OPENING: "resumed" if is_resumed else "new"})
        self._active.add(1)
        try:
            yield metrics
        finally:
            del self._running[session]
            self._audio_bytes += metrics.audio_bytes
            self._dropped += _drops_of(session)
            self._active.add(-1)
            self._endings.add(1, {names.STATE: str(metrics.ending or SessionState.SUSPENDED)})

    def note_ending(self, session: GatewaySession, state: str) -> None:
        """A session is being left in a state; what it is left in first counts."""
        if (metrics := self._running.get(session)) is not None:
            metrics.ending = metrics.ending or state

    async def run(self) -> None:
        """Hand on what was counted, until cancelled."""
        try:
            while True:
                self.sample()
                await asyncio.sleep(_SAMPLE_SECONDS)
        finally:
            self.sample()

    def sample(self) -> None:
        """Hand on what was counted since the last time, and how things stand."""
        running_bytes = sum(metrics.audio_bytes for metrics in self._running.values())
        seconds = (self._audio_bytes + running_bytes) / _BYTES_PER_SECOND
        self._audio.add(seconds - self._told_seconds)
        self._told_seconds = seconds
        self._count_drops()
        self._shown = self._show()

    def _show(self) -> dict[str, tuple[Observation, ...]]:
        waiting_events = sum(len(session.outbox) for session in self._running)
        backlog, spilled = self._writer.waiting_records, self._writer.spilled_records
        used, idle, limit = self._database.connection_counts
        return {
            names.VIEWERS: (Observation(self._viewers.viewer_count),),
            names.QUEUE_DEPTH: (
                Observation(waiting_events, {names.QUEUE: "outbox"}),
                Observation(backlog - spilled, {names.QUEUE: "store"}),
                Observation(spilled, {names.QUEUE: "spill"}),
                Observation(self._viewers.behind_count, {names.QUEUE: "viewers"}),
            ),
            names.STORE_BACKLOG: (Observation(backlog),),
            names.STORE_SPILLED: (Observation(self._writer.spilled_bytes),),
            names.DATABASE_CONNECTIONS: (
                Observation(used, {names.STATE: "used"}),
                Observation(idle, {names.STATE: "idle"}),
            ),
            names.DATABASE_CONNECTION_LIMIT: (Observation(limit),),
        }

    def _count_drops(self) -> None:
        elsewhere = {Drop.VIEWER_BEHIND: self._viewers.missed_count, Drop.BUS_BEHIND: self._bus.dropped_count}
        totals = sum(map(_drops_of, self._running), start=self._dropped + Counter(elsewhere))
        for reason, count in (totals - self._told_drops).items():
            self._drops.add(count, {names.REASON: str(reason)})
        self._told_drops = totals

    def _count_nothing(self) -> None:
        """Show each count before there is anything to count: the first ones are an increase only then."""
        counts = (
            (self._openings, names.OPENING, ("new", "resumed")),
            (self._refusals, names.REASON, _REFUSALS),
            (self._endings, names.STATE, _ENDINGS),
            (self._drops, names.REASON, Drop),
        )
        for instrument, attribute, values in counts:
            for value in values:
                instrument.add(0, {attribute: str(value)})

    def _observer(self, name: str) -> Observe:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            return self._shown.get(name, ())

        return observe


def _drops_of(session: GatewaySession) -> Counter[str]:
    return Counter({Drop.SERVER_BUSY: session.withheld_count, Drop.CLIENT_BEHIND: session.outbox.coalesced_count})
