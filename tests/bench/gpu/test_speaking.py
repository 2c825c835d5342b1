import itertools
import random

from bench.gpu.speaking import looks_of, talk

SECOND = 16_000


def test_a_speaker_is_looked_at_each_second() -> None:
    """In growing windows, which are cut before they outgrow what is useful."""
    looks = list(itertools.islice(talk(random.Random(1)), 300))
    gaps = [later.due_seconds - look.due_seconds for look, later in itertools.pairwise(looks) if not later.is_final]
    assert max(gaps) < 4
    assert 0.99 < sorted(gaps)[len(gaps) // 2] < 1.11
    windows = [look.samples / SECOND for look in looks]
    assert 14 < max(windows) <= 15.2
    assert min(windows) > 0
    assert all(look.answer_by_seconds == later.due_seconds for look, later in itertools.pairwise(looks))


def test_segments_end_with_a_final() -> None:
    """And what was cut off a long one is its prompt."""
    looks = list(itertools.islice(talk(random.Random(2)), 300))
    finals = [look for look in looks if look.is_final]
    assert 10 < len(finals) < 60
    prompts = {len(look.prompt) for look in looks}
    assert 0 in prompts
    assert len(prompts) > 5


def test_more_sessions_are_the_same_ones_and_others() -> None:
    """So that a trial of more is harder in nothing but their number."""
    some, more = looks_of(3, 10), looks_of(4, 10)
    assert set(some) < set(more)
    assert more == sorted(more, key=lambda look: look.due_seconds)
    assert all(0 <= look.due_seconds < 10 for look in more)
    assert 20 < len(more) < 60


def test_prompts_may_be_left_out() -> None:
    """Their price is the difference."""
    with_prompts, without = looks_of(8, 30), looks_of(8, 30, has_prompts=False)
    assert any(look.prompt for look in with_prompts)
    assert not any(look.prompt for look in without)
    assert [look.samples for look in without] == [look.samples for look in with_prompts]
