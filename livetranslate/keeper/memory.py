"""The core of the keeper: needs and facts in; loads, unloads and answers out. It never waits.

Its laws:

- all models in memory together never take more than the budget, those on their way in or out included;
- what somebody holds is not unloaded;
- who comes first is served first: what is promised to one is not given to another who comes later, with one exception:
  what is in memory already is given to whoever asks, and those who wait and have no room any more are refused;
- what nobody holds stays in memory until its room is needed; then those go first that were used longest ago;
- a model that was just loaded stays for a while, so that two that do not fit together do not chase each other out.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from livetranslate.keeper.place import IN_MEMORY, ModelState, Place

_MIB: Final = 1024 * 1024
_RETRY_SECONDS: Final = 10.0  # a model that fails to load may take its time to fail; those who hold it still want it


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model cannot be had now; `reason` as in `google.rpc.ErrorInfo`."""

    model: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a need has come to."""

    holder: Hashable
    refusals: tuple[Refusal, ...]


class StepKind(Enum):
    """What to do with a model."""

    LOAD = auto()
    UNLOAD = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, whose end is to be told."""

    kind: StepKind
    model: str


@dataclass(slots=True)
class _Need:
    """A holder's newest request, and the refusals so far."""

    models: tuple[str, ...]
    refusals: list[Refusal] = field(default_factory=list)


class ModelMemory:
    """The models of one Triton, and who holds them."""

    def __init__(self, *, budget_bytes: int, stay_seconds: float) -> None:
        """Know no model yet.

        Args:
            budget_bytes: What all models in memory may take together; 0: no limit.
            stay_seconds: How long a model stays at least once it is loaded.
        """
        self.budget_bytes = budget_bytes
        self._stay_seconds = stay_seconds
        self._places: dict[str, Place] = {}
        self._queue: dict[str, None] = {}  # models that somebody holds and that are not loaded, first come first
        self._needs: dict[Hashable, _Need] = {}  # those that have not been answered
        self._is_triton_there = False
        self._change_count = 0

    @property
    def places(self) -> Sequence[Place]:
        """All models, by name."""
        return [self._places[name] for name in sorted(self._places)]

    @property
    def used_bytes(self) -> int:
        """The memory taken now."""
        return sum(place.memory_bytes for place in self._places.values())

    @property
    def change_count(self) -> int:
        """Loads and unloads that have begun or ended: what was seen in Triton before the newest is out of date."""
        return self._change_count

    # Facts

    def receive_models(self, sizes: Mapping[str, int]) -> None:
        """Take in which models there are, in bytes; those that are gone are forgotten once nobody has them."""
        for name, size_bytes in sizes.items():
            self._places.setdefault(name, Place(name, size_bytes))
        for name in self._places.keys() - sizes.keys():
            place = self._places[name]
            if not place.holders and place.state not in IN_MEMORY:
                del self._places[name]

    def receive_triton(self, states: Mapping[str, ModelState], now_seconds: float) -> None:
        """Take in what Triton has in memory: it may have been restarted, or somebody else may have loaded a model."""
        self._is_triton_there = True
        for place in self._places.values():
            state = states.get(place.name, ModelState.UNLOADED)
            if place.is_busy or state is place.state:
                continue
            if state is ModelState.READY:
                self._note_loaded(place, now_seconds)
            elif place.state is not ModelState.FAILED or state in IN_MEMORY:
                place.state = state
            self._enqueue(place)

    def receive_triton_away(self) -> None:
        """Triton does not answer: what it has in memory will be seen when it is back."""
        self._is_triton_there = False

    def receive_loaded(self, model: str, now_seconds: float) -> None:
        """A load has ended well."""
        place = self._end_step(model)
        self._note_loaded(place, now_seconds)

    def receive_load_failure(self, model: str, failure: str, now_seconds: float) -> None:
        """Triton could not load a model: those who wait for it are told, those who had it before go on wanting it."""
        place = self._end_step(model)
        place.state = ModelState.FAILED
        place.failure = failure
        place.retry_seconds = now_seconds + _RETRY_SECONDS
        self._refuse(place, "MODEL_LOAD_FAILED", f"Triton could not load {model}: {failure}")

    def receive_unloaded(self, model: str) -> None:
        """An unload has ended."""
        place = self._end_step(model)
        place.state = ModelState.UNLOADED
        self._enqueue(place)

    def receive_interruption(self, model: str) -> None:
        """Triton went away during a load or an unload: what became of it will be seen when it is back."""
        place = self._end_step(model)
        place.state = ModelState.UNLOADED
        self._is_triton_there = False
        self._enqueue(place)

    # Needs

    def receive_need(self, holder: Hashable, models: Iterable[str], now_seconds: float) -> None:
        """A holder needs these models from now on, and no others; it is answered once."""
        need = self._needs[holder] = _Need(tuple(dict.fromkeys(models)))
        for place in self._places.values():
            if holder in place.holders and place.name not in need.models:
                self._let_go(place, holder, now_seconds)
        for name in need.models:
            if (known := self._places.get(name)) is None:
                message = f"There is no model {name!r} in the repository."
                need.refusals.append(Refusal(name, "MODEL_NOT_FOUND", message))
            elif holder in known.holders or self._has_room(known):
                known.holders.add(holder)
                self._enqueue(known)
                self._refuse_those_without_room()
            else:
                need.refusals.append(Refusal(name, "MODEL_MEMORY_FULL", self._full(known)))

    def receive_end(self, holder: Hashable, now_seconds: float) -> None:
        """A holder needs nothing any more, or has died."""
        self._needs.pop(holder, None)
        for place in self._places.values():
            if holder in place.holders:
                self._let_go(place, holder, now_seconds)

    # Decisions

    def answers_to_send(self) -> Sequence[Answer]:
        """The needs that have been met or refused; each is given once."""
        done = [holder for holder, need in self._needs.items() if self._is_answered(holder, need)]
        return [Answer(holder, tuple(self._needs.pop(holder).refusals)) for holder in done]

    def steps_to_start(self, now_seconds: float) -> Sequence[Step]:
        """Loads and unloads that can begin now; the caller begins them all."""
        if not self._is_triton_there:
            return []
        steps: list[Step] = []
        promised_bytes = 0  # to those for whom there is no room yet
        for place in self._due(now_seconds):
            if not place.size_bytes or self._is_within(self.used_bytes + promised_bytes + place.size_bytes):
                steps.append(self._begin(place, StepKind.LOAD))
            else:
                promised_bytes += place.size_bytes
        return [*steps, *self._evictions(promised_bytes, now_seconds)]

    def due_seconds(self, now_seconds: float) -> float | None:
        """When `steps_to_start` has something to do though nothing else happens."""
        waiting = [self._places[name] for name in self._queue]
        moments = [place.retry_seconds for place in waiting if place.state is ModelState.FAILED]
        if waiting or not self._is_within(self.used_bytes):
            moments += [self._stays_until(place) for place in self._places.values() if place.is_evictable]
        return min((moment for moment in moments if moment > now_seconds), default=None)

    # What follows from them

    def _is_within(self, memory_bytes: int) -> bool:
        return not self.budget_bytes or memory_bytes <= self.budget_bytes

    @property
    def _held_bytes(self) -> int:
        """What is promised to holders, in memory or not."""
        return sum(place.size_bytes for place in self._places.values() if place.holders)

    def _has_room(self, place: Place) -> bool:
        """Whether a model is in memory already, is promised to somebody, or can be."""
        is_here = place.state in (ModelState.LOADING, ModelState.READY)
        is_given = is_here or bool(place.holders) or not place.size_bytes
        return is_given or self._is_within(self._held_bytes + place.size_bytes)

    def _full(self, place: Place) -> str:
        """Why a model has no room, and what to do."""
        size_mib, budget_mib = place.size_bytes // _MIB, self.budget_bytes // _MIB
        if place.size_bytes > self.budget_bytes:
            return (
                f"{place.name} takes {size_mib:,} MiB of memory, and all models together may take {budget_mib:,} MiB. "
                "Raise LIVETRANSLATE_KEEPER_BUDGET_MIB, or use a smaller model."
            )
        return (
            f"There is no memory for {place.name} now ({size_mib:,} MiB): models that are in use leave too little of "
            f"{budget_mib:,} MiB. Try again when other sessions have ended, or choose languages that are in use."
        )

    def _enqueue(self, place: Place) -> None:
        """Note a model that somebody holds and that is not loaded."""
        if place.is_wanted:
            self._queue.setdefault(place.name)
        else:
            self._queue.pop(place.name, None)

    def _note_loaded(self, place: Place, now_seconds: float) -> None:
        place.state = ModelState.READY
        place.failure = ""
        place.loaded_seconds = now_seconds
        self._enqueue(place)

    def _let_go(self, place: Place, holder: Hashable, now_seconds: float) -> None:
        place.holders.discard(holder)
        place.last_held_seconds = now_seconds
        self._enqueue(place)

    def _refuse_those_without_room(self) -> None:
        """What was in memory has been given out: the newest who wait may have lost the room promised to them."""
        for place in [self._places[name] for name in reversed(self._queue)]:
            if not self._is_within(self._held_bytes) and place.size_bytes:
                self._refuse(place, "MODEL_MEMORY_FULL", self._full(place))

    def _refuse(self, place: Place, reason: str, message: str) -> None:
        """Refuse a model to those who wait for an answer."""
        for holder, need in self._needs.items():
            if holder in place.holders:
                need.refusals.append(Refusal(place.name, reason, message))
                place.holders.discard(holder)
        self._enqueue(place)

    def _is_answered(self, holder: Hashable, need: _Need) -> bool:
        held = [place for name in need.models if (place := self._places.get(name)) and holder in place.holders]
        return all(place.state is ModelState.READY for place in held)

    def _due(self, now_seconds: float) -> Sequence[Place]:
        """Models to load now, if there is room, in the order in which they were asked for."""
        waiting = [self._places[name] for name in self._queue]
        return [place for place in waiting if not place.is_busy and self._may_load(place, now_seconds)]

    def _may_load(self, place: Place, now_seconds: float) -> bool:
        if place.state is not ModelState.FAILED:
            return place.state is ModelState.UNLOADED
        return now_seconds >= place.retry_seconds or any(holder in place.holders for holder in self._needs)

    def _evictions(self, promised_bytes: int, now_seconds: float) -> Sequence[Step]:
        """Unload what nobody holds until what was promised has room, those first that were used longest ago."""
        steps: list[Step] = []
        leaving_bytes = sum(place.size_bytes for place in self._places.values() if place.state is ModelState.UNLOADING)
        leavers = [place for place in self._places.values() if place.is_evictable]
        for place in sorted(leavers, key=_last_use):
            if self._is_within(self.used_bytes - leaving_bytes + promised_bytes):
                break
            if self._stays_until(place) <= now_seconds:
                steps.append(self._begin(place, StepKind.UNLOAD))
                leaving_bytes += place.size_bytes
        return steps

    def _stays_until(self, place: Place) -> float:
        return place.loaded_seconds + self._stay_seconds

    def _begin(self, place: Place, kind: StepKind) -> Step:
        place.is_busy = True
        place.state = ModelState.LOADING if kind is StepKind.LOAD else ModelState.UNLOADING
        self._change_count += 1
        self._enqueue(place)
        return Step(kind, place.name)

    def _end_step(self, model: str) -> Place:
        place = self._places[model]
        place.is_busy = False
        self._change_count += 1
        return place


def _last_use(place: Place) -> float:
    return max(place.loaded_seconds, place.last_held_seconds or 0.0)
