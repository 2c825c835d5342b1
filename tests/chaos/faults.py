"""What may go wrong, in an order that a seed decides."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from tests.chaos.cluster import INNER, Cluster
from tests.chaos.network import Way
from tests.chaos.parts import Part


class Kind(StrEnum):
    """A way to fail."""

    KILL = "kill -9"
    FREEZE = "freeze"
    RESET = "reset"
    BLACK_HOLE = "black hole"
    FULL_DISK = "full disk"


PARTS: Final = ("gateway", "asr", "mt", "tts", "triton", "postgres")
WAYS: Final = (
    "client-gateway",
    *(f"gateway-{role}" for role in INNER),
    *(f"{role}-triton" for role in INNER),
    "gateway-postgres",
)
Place = tuple[Kind, str]
"""What may go wrong where."""

EVERYTHING: Final[tuple[Place, ...]] = (
    *((kind, part) for kind in (Kind.KILL, Kind.FREEZE) for part in PARTS),
    *((kind, way) for kind in (Kind.RESET, Kind.BLACK_HOLE) for way in WAYS),
    (Kind.FULL_DISK, "postgres"),
)
ESSENTIALS: Final[tuple[Place, ...]] = (
    *((Kind.KILL, part) for part in PARTS),
    (Kind.FREEZE, "asr"),
    (Kind.RESET, "client-gateway"),
    (Kind.BLACK_HOLE, "gateway-postgres"),
)
_HOLD_SECONDS: Final = {
    Kind.KILL: (0.0, 2.0),
    Kind.FREEZE: (0.5, 5.0),
    Kind.RESET: (0.0, 0.0),
    Kind.BLACK_HOLE: (1.0, 4.0),
    Kind.FULL_DISK: (2.0, 4.0),
}
_PLACES_PER_PAIR: Final = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong for a while.

    Attributes:
        where: A role ("asr") or a way between roles ("gateway-asr").
        hold_seconds: How long it stays so before it is undone.
        is_wide: Whether a fault of the network hits all ways between the two roles, or only the busiest.
    """

    kind: Kind
    where: str
    hold_seconds: float
    is_wide: bool = False

    @property
    def name(self) -> str:
        """What it is, for people."""
        return f"{self.kind} {self.where}"


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that is under way: whom it hit, and how it ends."""

    fault: Fault
    victims: tuple[str, ...]
    undo: Callable[[], None] = lambda: None
    dead: tuple[Part, ...] = ()  # to be started again


def fault_rounds(random: Random, places: Sequence[Place]) -> Iterator[tuple[Fault, ...]]:
    """Faults without end, one or two at once: every place once in each round, and some pairs, shuffled."""
    while True:
        singles = [(_fault(random, *place),) for place in places]
        pairs = [_pair(random, places) for _ in range(len(places) // _PLACES_PER_PAIR)]
        together = [*singles, *pairs]
        random.shuffle(together)
        yield from together


def _pair(random: Random, places: Sequence[Place]) -> tuple[Fault, Fault]:
    """Two faults at different places: one that is dead cannot be frozen."""
    first = random.choice(places)
    second = random.choice([place for place in places if place[1] != first[1]])
    return _fault(random, *first), _fault(random, *second)


def _fault(random: Random, kind: Kind, where: str) -> Fault:
    return Fault(kind, where, round(random.uniform(*_HOLD_SECONDS[kind]), 2), random.random() < 0.5)


def inject(cluster: Cluster, fault: Fault) -> Injected:
    """Let something go wrong, where most is going on."""
    match fault.kind:
        case Kind.KILL:
            part = cluster.replicas(fault.where)[0]
            part.kill()
            return Injected(fault, (part.name,), dead=(part,))
        case Kind.FREEZE:
            part = cluster.replicas(fault.where)[0]
            part.freeze()
            return Injected(fault, (part.name,), part.thaw)
        case Kind.RESET:
            ways = _ways(cluster, fault)
            cluster.network.reset(*ways)
            return Injected(fault, _names(ways))
        case Kind.BLACK_HOLE:
            ways = _ways(cluster, fault)
            cluster.network.swallow(*ways)
            return Injected(fault, _names(ways), lambda: cluster.network.release(*ways))
        case Kind.FULL_DISK:
            return _fill_disks(cluster, fault)


def _fill_disks(cluster: Cluster, fault: Fault) -> Injected:
    """Full disks matter only while the database is away."""
    for disk in cluster.disks.values():
        disk.fill()
    part = cluster.replicas(fault.where)[0]
    part.kill()

    def free() -> None:
        for disk in cluster.disks.values():
            disk.free()

    return Injected(fault, (part.name, *cluster.disks), free, dead=(part,))


def undo(cluster: Cluster, *injected: Injected) -> None:
    """Make it good again: what is frozen or cut off first, for what is started needs it."""
    for one in injected:
        one.undo()
    cluster.start([part for one in injected for part in one.dead])


def _ways(cluster: Cluster, fault: Fault) -> list[Way]:
    ways = cluster.network.ways(*fault.where.split("-"))
    return ways if fault.is_wide else ways[:1]


def _names(ways: list[Way]) -> tuple[str, ...]:
    return tuple(f"{way.source} > {way.target}" for way in ways)
