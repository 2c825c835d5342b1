"""The core of a session by hand: what it tells, and a store that takes everything at once."""

from gateway.events import Body, Event, Target
from gateway.session import GatewaySession, ToStore

NOW = 0.0


def session(*targets: str, speech: str = "") -> GatewaySession:
    """A session with targets, of which one may be spoken."""
    return GatewaySession("s", [Target(language, speech=language == speech) for language in targets])


def told(session: GatewaySession) -> list[Body]:
    return [event.body for event in session.events_to_send()]


def numbers(items: list[ToStore]) -> list[int]:
    """The events among what is to be stored."""
    return [item.number for item in items if isinstance(item, Event)]


def store(session: GatewaySession) -> list[ToStore]:
    """Make everything durable that is to be stored."""
    items = session.items_to_store()
    for item in items:
        session.receive_durable(item)
    return items
