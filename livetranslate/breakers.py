"""The circuit breakers of a process, one for each thing it depends on; their state shows in logs and metrics."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from opentelemetry.metrics import CallbackOptions, Meter, Observation

from livetranslate import names
from livetranslate.breaker import FAILURE_LIMIT, OPEN_SECONDS, Answered, Breaker, BreakerState
from livetranslate.metrics import METER, counter, gauge

__all__ = ["BreakerState", "Breakers", "OnChange"]

log = structlog.get_logger()

OnChange = Callable[[str, BreakerState], None]
"""Hears of a dependency's new state, on the event loop."""


class Breakers:
    """One per process, handed to whatever calls a dependency."""

    def __init__(
        self,
        *dependencies: str,
        failure_limit: int = FAILURE_LIMIT,
        open_seconds: float = OPEN_SECONDS,
        meter: Meter = METER,
    ) -> None:
        """Start with all closed; see `Breaker` for the numbers."""
        self._states = dict.fromkeys(dependencies, BreakerState.CLOSED)
        self._breakers = {
            name: Breaker(name, partial(self._note, name), failure_limit=failure_limit, open_seconds=open_seconds)
            for name in dependencies
        }
        self._outages: set[str] = set()
        self._listeners: list[OnChange] = []
        self._openings = counter(names.BREAKER_OPENINGS, meter)
        for name in dependencies:
            self._openings.add(0, {names.DEPENDENCY: name})  # from the start, so that the first one is seen to come
        gauge(names.BREAKER_STATE, self._observe, meter)

    @property
    def dependencies(self) -> Iterable[str]:
        """The names that `guarding` takes."""
        return self._breakers.keys()

    @asynccontextmanager
    async def guarding(self, dependency: str) -> AsyncIterator[Answered]:
        """Guard one call; a long stream says by the function it gets that the dependency has answered.

            async with breakers.guarding("mt") as answered:
                async for response in call:
                    answered()

        Raises:
            UnavailableError: BREAKER_OPEN: the dependency keeps failing and is being left alone.
        """
        with self._breakers[dependency].guarding() as answered:
            yield answered

    def state(self, dependency: str) -> BreakerState:
        """Whether calls to a dependency go through."""
        return self._states[dependency]

    def on_change(self, callback: OnChange) -> None:
        """Call `callback` at every change of any state."""
        self._listeners.append(callback)

    def _note(self, dependency: str, state: BreakerState) -> None:
        self._states[dependency] = state
        self._log(dependency, state)
        for listener in self._listeners:
            listener(dependency, state)

    def _log(self, dependency: str, state: BreakerState) -> None:
        """A line when an outage begins and one when it ends; the probes between are not worth one each."""
        if state is BreakerState.OPEN:
            self._openings.add(1, {names.DEPENDENCY: dependency})
            if dependency not in self._outages:
                self._outages.add(dependency)
                log.warning("dependency is away", dependency=dependency)
        elif state is BreakerState.CLOSED:
            self._outages.discard(dependency)
            log.info("dependency is back", dependency=dependency)

    def _observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        """Called by the exporter's thread: it reads a plain dictionary whose keys never change."""
        return [Observation(state, {names.DEPENDENCY: name}) for name, state in self._states.items()]
