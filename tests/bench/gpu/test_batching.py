import pytest

from bench.gpu.batching import Queue, Rules
from bench.gpu.engines import configuration
from tests.bench.gpu.looks import look

RULES = Rules(max_batch_size=2, delay_seconds=0.02)


def test_the_rules_are_the_models_own() -> None:
    """As its config.pbtxt has them; one without them is told."""
    assert Rules.read(configuration()) == Rules(8, 0.02)
    with pytest.raises(ValueError, match="max_batch_size"):
        Rules.read("name: 'x'")


def test_a_batch_waits_for_more() -> None:
    """Until it is full, or until its first has waited."""
    queue = Queue(RULES)
    queue.receive([look(1.0)])
    assert queue.ready_seconds() == pytest.approx(1.02)
    queue.receive([look(1.01)])
    assert queue.ready_seconds() == 1.0


def test_finals_leave_first() -> None:
    """Then who came first; nobody leaves twice."""
    queue = Queue(RULES)
    queue.receive([look(1.0), look(1.1), look(1.2, final=True)])
    assert [found.due_seconds for found in queue.next_batch()] == [1.2, 1.0]
    assert [found.due_seconds for found in queue.next_batch()] == [1.1]
    assert len(queue) == 0
