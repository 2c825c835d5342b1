"""How hard it is for this gateway and the services behind it to keep up, and what is left out because of that.

Every reading is taken as a share of its bound, and the worst counts: a session needs all of the services. Where they
have several replicas, that is the busiest of each, for nobody chooses to which one a new stream goes.

What runs gives something up when it has been too much for a while, one step after the other. It gets it back much
later, and only when less than half of that is left: giving up may be what has made it less. Where it had to be given up
again soon after, that was so, and the next time it takes twice as long. A service that was busy when it fell silent may
still be: the answers with which it tells are what waits.
"""

from dataclasses import dataclass

from gateway.degradation import Degradation
from livetranslate.load import Load

HARDER_SECONDS = 5.0  # a service remembers a moment for 2 s, and its reading counts for 2.5: a single one is not enough
MILDER_SECONDS = 10.0  # longer than a burst of speech: every step back brings work back
_CALM_RATIO = 0.5  # what a step gives up may be as much as the rest
_SILENT_SECONDS = 30.0  # the longest segment, of which only the final is told, and the wait for it; then it is over
_RELAPSE_SECONDS = 60.0  # one who takes a step so soon after another was taken back has taken that back too early
_MAX_RELAPSES = 2  # that count: a step back takes 40 s at most, for nobody is let in before the last one

_PERIOD_SECONDS = 1.25  # a stream tells once a second, or a little later

QUEUE_WAIT = "queue wait"
LOOP_DELAY = "event loop delay"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is bearable.

    Attributes:
        queue_wait_seconds: Of the work that waits for a model.
        loop_delay_seconds: Of an event loop.
    """

    queue_wait_seconds: float = 0.5
    loop_delay_seconds: float = 0.1


@dataclass(frozen=True, slots=True)
class Strain:
    """The worst that a service has told of one thing in the last seconds."""

    source: str
    measure: str
    seconds: float
    bound_seconds: float

    @property
    def ratio(self) -> float:
        """What was measured over what is bearable."""
        return self.seconds / self.bound_seconds

    @property
    def is_over(self) -> bool:
        """Whether it is too much."""
        return self.ratio > 1


class Pressure:
    """Readings in, the degradation out. Times are of any clock that never goes back."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        """Nothing is known of anyone, and nothing is left out."""
        self._bounds = bounds or Bounds()
        self._peaks: dict[tuple[str, str], _Peak] = {}
        self._over_since: float | None = None
        self._calm_since: float | None = None
        self._taken_back_at: float | None = None  # the last step, where none was taken after it
        self._relapses = 0
        self.degradation = Degradation.NONE
        """What is left out, as of the last `update`."""

    def receive(self, source: str, load: Load, now: float) -> None:
        """A service, `source`, has told how busy it is; of each service one replica or several may tell."""
        for measure, seconds in ((QUEUE_WAIT, load.queue_wait_seconds), (LOOP_DELAY, load.loop_delay_seconds)):
            self._peaks.setdefault((source, measure), _Peak(now)).receive(seconds, now)

    def worst(self, now: float) -> Strain:
        """What is the furthest over its bound, or the nearest to it; what was told some seconds ago does not count."""
        strains = (
            Strain(source, measure, peak.highest(now), self._bound(measure))
            for (source, measure), peak in self._peaks.items()
        )
        return max(strains, key=lambda strain: strain.ratio, default=Strain("", "", 0.0, 1.0))

    def update(self, now: float) -> Degradation:
        """Decide what is left out from now on. To be asked several times a second."""
        worst = self.worst(now)
        self._over_since = _since(self._over_since, now, holds=worst.is_over)
        is_calm = worst.ratio < _CALM_RATIO and not self._is_any_silent(now)
        self._calm_since = _since(self._calm_since, now, holds=is_calm)
        if self._over_since is not None and now - self._over_since >= HARDER_SECONDS:
            self._harden(now)
        elif self._calm_since is not None and now - self._calm_since >= MILDER_SECONDS * 2**self._relapses:
            self._soften(now)
        return self.degradation

    def _harden(self, now: float) -> None:
        self.degradation, self._over_since = self.degradation.harder, now
        if self._taken_back_at is not None:
            is_relapse = now - self._taken_back_at < _RELAPSE_SECONDS
            self._relapses = min(self._relapses + 1, _MAX_RELAPSES) if is_relapse else 0
            self._taken_back_at = None  # the steps that follow belong to this one

    def _soften(self, now: float) -> None:
        if self.degradation is not Degradation.NONE:
            self._taken_back_at = now
        self.degradation, self._calm_since = self.degradation.milder, now

    def _is_any_silent(self, now: float) -> bool:
        """Whether a service that was busy has told nothing since."""
        return any(
            peak.last >= _CALM_RATIO * self._bound(measure) and now - peak.told_at < _SILENT_SECONDS
            for (_, measure), peak in self._peaks.items()
        )

    def _bound(self, measure: str) -> float:
        return self._bounds.queue_wait_seconds if measure == QUEUE_WAIT else self._bounds.loop_delay_seconds


class _Peak:
    """The highest of the values of this period and the one before, however many there are."""

    def __init__(self, now: float) -> None:
        self._began_at = now
        self._current = 0.0
        self._before = 0.0
        self.last = 0.0
        self.told_at = now

    def receive(self, value: float, now: float) -> None:
        self._turn(now)
        self.last, self.told_at = value, now
        self._current = max(self._current, value)

    def highest(self, now: float) -> float:
        self._turn(now)
        return max(self._current, self._before)

    def _turn(self, now: float) -> None:
        periods = int((now - self._began_at) / _PERIOD_SECONDS)
        if periods > 0:
            self._before = self._current if periods == 1 else 0.0
            self._current = 0.0
            self._began_at += periods * _PERIOD_SECONDS


def _since(since: float | None, now: float, *, holds: bool) -> float | None:
    """Since when something holds without a break."""
    if not holds:
        return None
    return now if since is None else since
