import time

import pytest

from asr.hypothesis import Word
from bench.capacity.bare import Heard, bare_engine, commit_lags, shared_out, utterances
from bench.capacity.trial import Bounds
from bench.capacity.visit import Visit


def test_utterances_are_the_steps_of_the_services() -> None:
    """Each begins with a start, ends with an end, and is due step by step as its audio is spoken."""
    visit = Visit(0, 100.0, 108.0)
    found = utterances([visit, Visit(1, 100.5, 108.0)])
    assert [one.due[0] for one in found] == sorted(one.due[0] for one in found)
    for one in found:
        assert [step.is_start for step in one.steps] == [True] + [False] * (len(one.steps) - 1)
        assert [step.is_end for step in one.steps] == [False] * (len(one.steps) - 1) + [True]
        assert list(one.due) == sorted(one.due)
        for step, due in zip(one.steps, one.due, strict=True):
            assert one.visit.start + step.end_sample / 16_000 <= due <= 108.0


def test_each_utterance_goes_where_the_fewest_are_under_way() -> None:
    """Sixteen sessions on two processes: at no moment has one two more than the other when an utterance begins."""
    found = utterances([Visit(place, 100.0 + place / 7, 110.0) for place in range(16)])
    shares = shared_out(found, 2)
    assert sorted(one.due[0] for share in shares for one in share) == [one.due[0] for one in found]
    assert abs(len(shares[0]) - len(shares[1])) <= 3


def test_words_are_committed_by_the_rule_of_the_recognizer() -> None:
    """A word of the last answer is as late as that answer, from the chunk with its own last sample."""
    one = utterances([Visit(0, 100.0, 108.0)])[0]
    end_sample = one.steps[-1].end_sample
    heard = [Heard(at + 0.25, ()) for at in one.due[:-1]]
    heard.append(Heard(one.due[-1] + 0.25, (Word("good", one.steps[0].segment_start, end_sample),)))
    (lag,) = commit_lags(one, heard)
    assert lag.spoken_at <= one.due[-1]
    assert lag.seconds == pytest.approx(one.due[-1] + 0.25 - lag.spoken_at)


@pytest.mark.slow
def test_the_engine_alone_hears_a_session() -> None:
    """Two sessions are carried with ease, and their words come within the pause that ends a segment."""
    with bare_engine() as engine:
        began = time.monotonic()
        trial = engine.trial(2, 5.0, Bounds(commit_lag_p95=30.0))
    assert trial.sessions == 2
    assert trial.commit_lag.count > 5
    assert trial.commit_lag.p50_ms is not None
    assert time.monotonic() - began > 5
