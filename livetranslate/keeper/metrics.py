"""What the keeper measures. Exported as `livetranslate.telemetry` says."""

from collections.abc import Iterable

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from livetranslate import names
from livetranslate.keeper.memory import ModelMemory, Refusal
from livetranslate.metrics import METER, Observe, counter, gauge, histogram


class KeeperMetrics:
    """One per process."""

    def __init__(self, meter: Meter = METER) -> None:
        """Have nothing to show yet."""
        self._shown: dict[str, tuple[Observation, ...]] = {}  # the exporter's thread reads whole tuples
        for name in (
            names.KEEPER_MEMORY,
            names.KEEPER_BUDGET,
            names.KEEPER_MODEL_STATE,
            names.KEEPER_MODEL_HOLDERS,
        ):
            gauge(name, self._observer(name), meter)
        self._loads = histogram(names.KEEPER_LOAD_DURATION, meter)
        self._unloads = counter(names.KEEPER_UNLOADS, meter)
        self._refusals = counter(names.KEEPER_REFUSALS, meter)

    def show(self, memory: ModelMemory) -> None:
        """Take in how the models stand."""
        places = memory.places
        for place in places:
            self._unloads.add(0, {names.MODEL: place.name})  # so that the first one is seen to come
        states = ((place.state.value, place.name) for place in places)
        holders = ((len(place.holders), place.name) for place in places)
        self._shown = {
            names.KEEPER_MEMORY: (Observation(memory.used_bytes),),
            names.KEEPER_BUDGET: (Observation(memory.budget_bytes),),
            names.KEEPER_MODEL_STATE: tuple(Observation(state, {names.MODEL: model}) for state, model in states),
            names.KEEPER_MODEL_HOLDERS: tuple(Observation(count, {names.MODEL: model}) for count, model in holders),
        }

    def count_load(self, model: str, seconds: float) -> None:
        """A model was loaded."""
        self._loads.record(seconds, {names.MODEL: model})

    def count_unload(self, model: str) -> None:
        """A model was unloaded."""
        self._unloads.add(1, {names.MODEL: model})

    def count_refusal(self, refusal: Refusal) -> None:
        """A model could not be had."""
        known = {} if refusal.reason == "MODEL_NOT_FOUND" else {names.MODEL: refusal.model}  # names are the caller's
        self._refusals.add(1, {names.REASON: refusal.reason, **known})

    def _observer(self, name: str) -> Observe:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            return self._shown.get(name, ())

        return observe
