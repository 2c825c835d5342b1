"""What a busy server leaves out."""

from gateway.degradation import Degradation
from livetranslate.v1 import types_pb2


def test_each_step_has_a_name_on_the_wire() -> None:
    """In the same order, so that what comes later leaves out more."""
    names = [name.removeprefix("DEGRADATION_") for name in types_pb2.Degradation.keys()[1:]]
    assert [step.name for step in Degradation] == names


def test_each_step_has_its_neighbours() -> None:
    """The ends stay where they are."""
    assert [step.harder for step in Degradation] == [*list(Degradation)[1:], Degradation.NO_PARTIALS]
    assert [step.milder for step in Degradation] == [Degradation.NONE, *list(Degradation)[:-1]]


def test_each_step_is_explained() -> None:
    """In words of its own, and those that leave something out say that finals are complete."""
    sentences = [step.sentence for step in Degradation]
    assert len(set(sentences)) == len(Degradation)
    assert [("Finals are complete" in sentence) for sentence in sentences] == [False, True, True, True]
