from dataclasses import asdict

from bench.capacity.knock import Knock, knock_of
from bench.capacity.visit import Record
from bench.measurement import Window
from tests.bench.capacity.records import record, summary, transcript

BEFORE, DURING = Window(100.0, 105.0), Window(105.0, 111.0)
EARLY, LATE = "000000000000", "000000080000"


def inside(lag: float, lag_during: float, *, failure: str = "") -> Record:
    """A word that ends after half a second, and one that ends after 5.5 s; each with its lag."""
    told = [
        (0.5 + lag, transcript(EARLY, 1, 8_000, "good", is_final=True)),
        (5.5 + lag_during, transcript(LATE, 1, 88_000, "day", is_final=True)),
    ]
    return record(*told, *([] if failure else [(12.0, summary())]), failure=failure)


def refused(retry_seconds: float) -> Record:
    """Somebody who was told to try again."""
    one = record(start=106.0, failure="OVERLOADED")
    one.is_refused, one.retry_seconds, one.ended_at = True, retry_seconds, 106.02
    return one


def knocked(*ran: Record) -> Knock:
    outside = [refused(1.5), refused(4.0), record((0.1, summary()), start=107.0), record(start=108.0, failure="BROKEN")]
    return knock_of(ran, outside, BEFORE, DURING)


def test_what_became_of_those_who_knocked() -> None:
    """Let in, refused with a time to try again, or failed; and how soon they knew."""
    knock = knocked(inside(1.0, 1.1))
    assert (knock.sessions, knock.knockers, knock.let_in, knock.refused) == (1, 4, 1, 2)
    assert knock.retry_seconds == (1.5, 4.0)
    assert knock.failed == asdict(knock)["failed"] == {"BROKEN": 1}  # as it is written down, too
    assert knock.answer.p50_ms == 20.0
    assert knock.answer.p95_ms == 100.0


def test_those_inside_may_notice_a_little() -> None:
    """A fifth more lag is the most, and nobody may be lost."""
    assert knocked(inside(1.0, 1.19)).is_fine
    worse = knocked(inside(1.0, 1.3))
    assert not worse.is_fine
    assert worse.worsening is not None
    assert round(worse.worsening, 3) == 0.3
    lost = knocked(inside(1.0, 1.0), inside(1.0, 1.0, failure="UNAVAILABLE"))
    assert lost.lost == {"UNAVAILABLE": 1}
    assert not lost.is_fine
