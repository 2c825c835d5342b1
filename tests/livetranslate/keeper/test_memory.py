from collections.abc import Iterable, Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import given

from livetranslate.keeper.memory import ModelMemory, Refusal, Step, StepKind
from livetranslate.keeper.place import ModelState
from livetranslate.v1 import models_pb2

MIB = 1024 * 1024
SIZES = {"a": 60, "b": 60, "c": 30, "d": 10, "unsized": 0, "huge": 1000}
STAY_SECONDS = 10.0
OLD = 100.0  # long after everything was loaded


def memory(budget_mib: int = 100, ready: Iterable[str] = ()) -> ModelMemory:
    """A memory beside a Triton that has these models loaded since second 0."""
    new = ModelMemory(budget_bytes=budget_mib * MIB, stay_seconds=STAY_SECONDS)
    new.receive_models({name: mib * MIB for name, mib in SIZES.items()})
    new.receive_triton(dict.fromkeys(ready, ModelState.READY), 0.0)
    return new


def loads(*models: str) -> list[Step]:
    return [Step(StepKind.LOAD, model) for model in models]


def unloads(*models: str) -> list[Step]:
    return [Step(StepKind.UNLOAD, model) for model in models]


def load(keeper: ModelMemory, *models: str, now: float = 0.0) -> None:
    """Begin and end these loads, and no others."""
    assert keeper.steps_to_start(now) == loads(*models)
    for model in models:
        keeper.receive_loaded(model, now)


def answers(keeper: ModelMemory) -> dict[object, list[tuple[str, str]]]:
    """The answers there are: by holder, which models are refused and why."""
    return {
        answer.holder: [(refusal.model, refusal.reason) for refusal in answer.refusals]
        for answer in keeper.answers_to_send()
    }


def test_a_need_is_answered_once_all_its_models_are_loaded() -> None:
    """Loads begin at once; the answer waits for the last of them, and is given once."""
    keeper = memory()
    keeper.receive_need("x", ["a", "c"], 0)
    assert keeper.steps_to_start(0) == loads("a", "c")
    keeper.receive_loaded("c", 1)
    assert answers(keeper) == {}
    keeper.receive_loaded("a", 2)
    assert answers(keeper) == {"x": []}
    assert answers(keeper) == {}
    assert keeper.used_bytes == 90 * MIB


def test_a_model_is_loaded_once_for_all_its_holders() -> None:
    """Whoever comes while it is being loaded waits for the same load."""
    keeper = memory()
    keeper.receive_need("x", ["a"], 0)
    assert keeper.steps_to_start(0) == loads("a")
    keeper.receive_need("y", ["a"], 0)
    assert keeper.steps_to_start(0) == []
    keeper.receive_loaded("a", 1)
    assert answers(keeper) == {"x": [], "y": []}


def test_of_two_that_do_not_both_fit_the_first_come_gets_its_model() -> None:
    """The second is refused at once, by name, and told the sizes; when the first has left, it is let in."""
    keeper = memory()
    keeper.receive_need("x", ["a"], 0)
    keeper.receive_need("y", ["b"], 0)
    ((refusal,),) = [answer.refusals for answer in keeper.answers_to_send()]
    assert (refusal.model, refusal.reason) == ("b", "MODEL_MEMORY_FULL")
    assert "60 MiB" in refusal.message
    assert "100 MiB" in refusal.message
    load(keeper, "a")
    keeper.receive_end("x", 1)
    keeper.receive_need("y", ["b"], OLD)
    assert keeper.steps_to_start(OLD) == unloads("a")
    keeper.receive_unloaded("a")
    load(keeper, "b", now=OLD)


def test_a_refused_model_does_not_take_the_others_along() -> None:
    """What can be had is held; what is not in the repository is refused as such."""
    keeper = memory()
    keeper.receive_need("x", ["a", "nothing", "huge", "c"], 0)
    load(keeper, "a", "c")
    assert answers(keeper) == {"x": [("nothing", "MODEL_NOT_FOUND"), ("huge", "MODEL_MEMORY_FULL")]}


def test_what_alone_is_larger_than_the_budget_says_so() -> None:
    """The refusal names the setting to raise: waiting for others to leave would not help."""
    keeper = memory()
    keeper.receive_need("x", ["huge"], 0)
    (answer,) = keeper.answers_to_send()
    assert "LIVETRANSLATE_KEEPER_BUDGET_MIB" in answer.refusals[0].message


def test_what_was_used_longest_ago_makes_room() -> None:
    """Of models that nobody holds, as many are unloaded as are needed, the longest unused first."""
    keeper = memory(ready=["c", "d", "a"])
    for model, seconds in (("c", 20.0), ("a", 21.0), ("d", 22.0)):
        keeper.receive_need(model, [model], seconds)
        keeper.receive_end(model, seconds)
    keeper.receive_need("x", ["b"], OLD)
    assert keeper.steps_to_start(OLD) == unloads("c", "a")
    assert keeper.steps_to_start(OLD) == []
    keeper.receive_unloaded("c")
    assert keeper.steps_to_start(OLD) == []  # 70 of 100 MiB are taken until the other one is gone, too
    keeper.receive_unloaded("a")
    assert keeper.steps_to_start(OLD) == loads("b")


def test_what_is_held_is_never_unloaded() -> None:
    """A model that somebody holds counts as full, however long ago it was asked for."""
    keeper = memory(ready=["a"])
    keeper.receive_need("x", ["a"], 0)
    keeper.receive_need("y", ["b"], OLD)
    assert keeper.steps_to_start(OLD) == []
    assert answers(keeper) == {"x": [], "y": [("b", "MODEL_MEMORY_FULL")]}


def test_what_was_just_loaded_stays_for_a_while() -> None:
    """Who needs its room waits until then, and `due_seconds` says when that is."""
    keeper = memory(ready=["a"])
    keeper.receive_need("y", ["b"], 4)
    assert keeper.steps_to_start(4) == []
    assert keeper.due_seconds(4) == STAY_SECONDS
    assert keeper.steps_to_start(STAY_SECONDS) == unloads("a")
    assert keeper.due_seconds(STAY_SECONDS) is None


def test_who_waits_loses_to_whoever_needs_what_is_in_memory() -> None:
    """A model that is loaded is given to a session that comes back, and the one that waits for its room is refused."""
    keeper = memory(ready=["a"])
    keeper.receive_need("y", ["b"], 1)
    keeper.receive_need("x", ["a"], 2)
    assert answers(keeper) == {"y": [("b", "MODEL_MEMORY_FULL")], "x": []}
    assert keeper.steps_to_start(OLD) == []


def test_room_that_is_promised_is_not_given_to_a_later_one() -> None:
    """While one waits for its room, a smaller model that would fit now waits, too, or is refused; one that fits beside
    both is loaded."""
    keeper = memory(ready=["a"])
    keeper.receive_need("x", ["b"], 0)
    keeper.receive_need("y", ["c"], 0)
    keeper.receive_need("z", ["d", "unsized"], 0)
    assert keeper.steps_to_start(OLD) == [*loads("unsized"), *unloads("a")]
    keeper.receive_unloaded("a")
    assert keeper.steps_to_start(OLD) == loads("b", "c", "d")


def test_a_new_request_replaces_the_one_before() -> None:
    """What it does not name any more is let go; what it names again stays held."""
    keeper = memory()
    keeper.receive_need("x", ["a", "d"], 0)
    load(keeper, "a", "d")
    assert answers(keeper) == {"x": []}
    keeper.receive_need("x", ["d", "b"], OLD)
    assert [place.name for place in keeper.places if place.holders] == ["b", "d"]
    assert keeper.steps_to_start(OLD) == unloads("a")


def test_a_model_that_cannot_be_loaded_is_refused_and_tried_again_when_asked() -> None:
    """All who wait are told what Triton says; nobody waits for it after that, and the next one has it tried again."""
    keeper = memory()
    keeper.receive_need("x", ["a", "c"], 0)
    keeper.receive_need("y", ["a"], 0)
    assert keeper.steps_to_start(0) == loads("a", "c")
    keeper.receive_load_failure("a", "no such weights", 1)
    keeper.receive_loaded("c", 1)
    told = {answer.holder: answer.refusals for answer in keeper.answers_to_send()}
    message = "Triton could not load a: no such weights"
    assert told == dict.fromkeys("xy", (Refusal("a", "MODEL_LOAD_FAILED", message),))
    keeper.receive_triton({"c": ModelState.READY}, 1)
    assert (keeper.places[0].state, keeper.places[0].failure) == (ModelState.FAILED, "no such weights")
    assert keeper.steps_to_start(OLD) == []
    keeper.receive_need("z", ["a"], 2)
    load(keeper, "a", now=2)
    assert answers(keeper) == {"z": []}


def test_held_models_come_back_after_triton_has_been_restarted() -> None:
    """What is held is loaded again, without a word to those who hold it; what nobody holds is not."""
    keeper = memory(ready=["c"])
    keeper.receive_need("x", ["a"], 0)
    load(keeper, "a")
    assert answers(keeper) == {"x": []}
    keeper.receive_triton_away()
    assert keeper.steps_to_start(1) == []
    keeper.receive_triton({}, 2)
    assert keeper.used_bytes == 0
    load(keeper, "a", now=2)
    assert answers(keeper) == {}


def test_a_held_model_that_fails_to_come_back_is_tried_again() -> None:
    """Its holders have been answered and go on wanting it: every ten seconds, as `due_seconds` says."""
    keeper = memory(ready=["a"])
    keeper.receive_need("x", ["a"], 0)
    assert answers(keeper) == {"x": []}
    keeper.receive_triton({}, 1)
    assert keeper.steps_to_start(1) == loads("a")
    keeper.receive_load_failure("a", "no device", 2)
    assert keeper.steps_to_start(3) == []
    due = keeper.due_seconds(3)
    assert due == 12
    load(keeper, "a", now=due)


def test_a_load_that_triton_dies_of_begins_again_when_it_is_back() -> None:
    """Whoever waits goes on waiting: it is not the model that failed."""
    keeper = memory()
    keeper.receive_need("x", ["a"], 0)
    assert keeper.steps_to_start(0) == loads("a")
    keeper.receive_interruption("a")
    assert keeper.steps_to_start(1) == []
    keeper.receive_triton({}, 2)
    load(keeper, "a", now=2)
    assert answers(keeper) == {"x": []}


def test_what_triton_has_is_adopted() -> None:
    """Models that were loaded before the keeper started count, and need no load; one on its way is waited for."""
    keeper = memory()
    keeper.receive_triton({"c": ModelState.READY, "d": ModelState.LOADING}, 0)
    assert keeper.used_bytes == 40 * MIB
    keeper.receive_need("x", ["c", "d"], 0)
    assert keeper.steps_to_start(0) == []
    assert answers(keeper) == {}
    keeper.receive_triton({"c": ModelState.READY, "d": ModelState.READY}, 1)
    assert answers(keeper) == {"x": []}


def test_what_is_seen_of_a_model_under_way_does_not_count() -> None:
    """Between the beginning of a load and its end, the index lags behind."""
    keeper = memory()
    keeper.receive_need("x", ["a"], 0)
    before = keeper.change_count
    assert keeper.steps_to_start(0) == loads("a")
    assert keeper.change_count > before
    keeper.receive_triton({}, 1)
    assert keeper.steps_to_start(1) == []
    assert keeper.used_bytes == 60 * MIB


def test_more_than_the_budget_is_brought_down_to_it() -> None:
    """Where Triton was found with too much, what nobody holds goes; what is held stays."""
    keeper = memory(ready=["a", "b", "c"])
    keeper.receive_need("x", ["a"], 0)
    assert keeper.due_seconds(1) == STAY_SECONDS
    assert keeper.steps_to_start(OLD) == unloads("b")


def test_without_a_budget_nothing_is_refused_or_unloaded() -> None:
    """Models are loaded when they are needed, and stay."""
    keeper = memory(budget_mib=0, ready=["a"])
    keeper.receive_need("x", ["huge", "b"], 0)
    load(keeper, "huge", "b")
    keeper.receive_end("x", 0)
    assert keeper.steps_to_start(OLD) == []
    assert keeper.used_bytes == 1120 * MIB


def test_a_model_that_is_asked_for_on_its_way_out_comes_back() -> None:
    """Its room is promised anew while it leaves, and it is loaded again once it is gone."""
    keeper = memory(ready=["a"])
    keeper.receive_need("x", ["b"], OLD)
    assert keeper.steps_to_start(OLD) == unloads("a")
    keeper.receive_end("x", OLD)
    keeper.receive_need("y", ["a"], OLD)
    assert keeper.steps_to_start(OLD) == []
    keeper.receive_unloaded("a")
    load(keeper, "a", now=OLD)
    assert answers(keeper) == {"y": []}


def test_models_come_and_go_with_the_repository() -> None:
    """A new one can be needed; one that is gone is forgotten once it is out of memory and nobody holds it."""
    keeper = memory(ready=["a"])
    keeper.receive_models({"new": MIB})
    assert [place.name for place in keeper.places] == ["a", "new"]
    keeper.receive_triton({}, 1)
    keeper.receive_models({"new": MIB})
    assert [place.name for place in keeper.places] == ["new"]


def test_one_who_left_without_an_answer_gets_none() -> None:
    """A load that nobody waits for any more goes on, and the model stays until its room is needed."""
    keeper = memory()
    keeper.receive_need("x", ["a"], 0)
    assert keeper.steps_to_start(0) == loads("a")
    keeper.receive_end("x", 1)
    keeper.receive_loaded("a", 2)
    assert answers(keeper) == {}
    (place,) = [place for place in keeper.places if place.state is ModelState.READY]
    assert (place.holders, place.last_held_seconds) == (set(), 1)


class World:
    """A Triton and some holders that do as they please."""

    def __init__(self) -> None:
        self.keeper = memory()
        self.begun: list[Step] = []
        self.granted: dict[str, set[str]] = {}
        self.asked: dict[str, Sequence[str]] = {}
        self.now = 0.0

    def act(self, holder: str, models: Sequence[str], ending: int, *, fails: bool) -> None:
        """Somebody needs other models, and one step ends."""
        self.now += 3.0
        if models:
            self.keeper.receive_need(holder, models, self.now)
            self.asked[holder] = models
        else:
            self.keeper.receive_end(holder, self.now)
            self.asked.pop(holder, None)
        self.granted.pop(holder, None)
        self.settle()
        if self.begun:
            self.end(self.begun.pop(ending % len(self.begun)), fails=fails)
            self.settle()

    def end(self, step: Step, *, fails: bool = False) -> None:
        if step.kind is StepKind.UNLOAD:
            self.keeper.receive_unloaded(step.model)
        elif fails:
            self.keeper.receive_load_failure(step.model, "bad luck", self.now)
        else:
            self.keeper.receive_loaded(step.model, self.now)

    def settle(self) -> None:
        for step in self.keeper.steps_to_start(self.now):
            held = set[str]().union(*self.granted.values())
            assert step.kind is StepKind.LOAD or step.model not in held
            self.begun.append(step)
        for answer in self.keeper.answers_to_send():
            holder = str(answer.holder)
            self.granted[holder] = set(self.asked[holder]) - {refusal.model for refusal in answer.refusals}
        states = {place.name: place.state for place in self.keeper.places}
        assert all(states[model] is ModelState.READY for models in self.granted.values() for model in models)
        assert self.keeper.used_bytes <= self.keeper.budget_bytes


acts = st.tuples(
    st.sampled_from("xyz"), st.lists(st.sampled_from(sorted(SIZES)), max_size=3), st.integers(0, 9), st.booleans()
)


@given(st.lists(acts, max_size=40))
def test_whatever_happens_the_laws_hold(history: list[tuple[str, list[str], int, bool]]) -> None:
    """Never over the budget, nothing unloaded that somebody was given, and in the end everybody is answered."""
    world = World()
    for holder, models, ending, fails in history:
        world.act(holder, models, ending, fails=fails)
    for _ in range(40):
        world.now += STAY_SECONDS
        for step in world.begun:
            world.end(step)
        world.begun.clear()
        world.settle()
    assert world.granted.keys() == world.asked.keys()


@pytest.mark.parametrize("state", list(ModelState))
def test_states_are_those_of_the_proto(state: ModelState) -> None:
    """The numbers, too: the metric shows them."""
    assert models_pb2.ModelState.Value(f"MODEL_STATE_{state.name}") == state.value
