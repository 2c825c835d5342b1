from bench.quality.session_log import committed_at
from tests.bench.quality.logs import log, transcript


def test_audio_is_sent_with_the_chunk_that_has_its_last_sample() -> None:
    """Up to 0.3 s it takes the third chunk, a little more takes the fourth; there is none before the first."""
    session = log()
    assert [session.sent_at(offset) for offset in (0.0, 0.1, 0.3, 0.3001, 99.0)] == [0.0, 0.0, 0.2, 0.3, 4.9]


def test_only_what_became_final_has_a_history() -> None:
    """A segment that the session's end cut off counts in no figure."""
    final = transcript(2.0, "a", is_final=True)
    assert log(transcript(1.5, "a"), final).histories("transcript")["1"][-1] is final
    assert log(transcript(1.5, "a")).histories("transcript") == {}


def test_the_final_commits_what_is_left() -> None:
    """A word counts as committed with the first revision whose committed text reaches it."""
    history = [transcript(1.5, "a", "b"), transcript(2.0, "a b"), transcript(2.5, "a b c", is_final=True)]
    assert [committed_at(history, count) for count in (1, 2, 3, 4)] == [1.5, 2.0, 2.5, 2.5]
