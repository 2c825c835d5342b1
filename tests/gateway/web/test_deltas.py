"""A text that only grows."""

from collections.abc import Iterable

import pytest

from gateway.web.deltas import Deltas
from livetranslate.v1 import types_pb2
from tests.gateway.web.events import Event, notice, spoken, translated


def told(target: str, events: Iterable[Event]) -> list[str]:
    deltas = Deltas(target)
    return [delta for event in events if (delta := deltas.receive(event))]


def test_only_what_is_new_is_told() -> None:
    """With the space between two segments."""
    events = (
        spoken(1, "Hello", is_final=False),
        spoken(1, "Hello", is_final=False),
        spoken(1, "Hello to", is_final=False),
        spoken(1, "Hello to all."),
        spoken(2, "", is_final=False),
        spoken(2, "And"),
        spoken(3, ""),
        spoken(4, "welcome"),
    )
    assert told("", events) == ["Hello", " to", " all.", " And", " welcome"]


def test_a_segment_waits_for_the_one_before() -> None:
    """So that the pieces are the text as they come."""
    events = (
        translated(1, "uno", is_final=False),
        translated(2, "tres", is_final=False),
        translated(1, "uno dos"),
        translated(2, "tres cuatro"),
    )
    assert told("es", events) == ["uno", " dos tres", " cuatro"]


@pytest.mark.parametrize(
    ("target", "event"),
    [("es", spoken(1, "Hello")), ("", translated(1, "Hola")), ("", notice(types_pb2.NOTICE_CODE_NO_SPEECH))],
)
def test_other_events_tell_nothing(target: str, event: Event) -> None:
    """What was said is no translation, and the other way round."""
    assert told(target, [event]) == []
