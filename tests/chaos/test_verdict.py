from collections.abc import Sequence

import pytest

from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2
from livetranslate.wire import duration_of_samples
from tests.chaos.session import Session
from tests.chaos.verdict import Final, Verdict, finals_of, verdict
from tests.gateway.told import Told

HELLO = Final("", "000000000000", 1600, "hello there")
HOLA = Final("es", "000000000000", 1600, "hola")
BYE = Final("", "000000001600", 3200, "good bye")
RIGHT = (HELLO, HOLA, BYE)


def told(finals: Sequence[Final], *, checkpoints: Sequence[int] = (1600, 3200), numbers: Sequence[int] = ()) -> Told:
    """A session that told these finals, its checkpoints and its totals."""
    numbered = zip(numbers or range(1, len(finals) + 1), finals, strict=True)
    events = [event_of(number, final) for number, final in numbered]
    for sample in checkpoints:
        offset = duration_of_samples(sample)
        events.append(gateway_pb2.SessionEvent(checkpoint=gateway_pb2.Checkpoint(durable_offset=offset)))
    summary = gateway_pb2.SessionSummary(audio_duration=duration_of_samples(3200))
    return Told([*events, gateway_pb2.SessionEvent(summary=summary)])


def event_of(number: int, final: Final) -> gateway_pb2.SessionEvent:
    end = duration_of_samples(final.end_sample)
    if final.language_code:
        translated = mt_pb2.TranslationRevision(
            segment_id=final.segment_id, language_code=final.language_code, committed_text=final.text, is_final=True
        )
        translation = gateway_pb2.Translation(revision=translated, end_offset=end)
        return gateway_pb2.SessionEvent(event_number=number, translation=translation)
    heard = asr_pb2.TranscriptRevision(
        segment_id=final.segment_id, committed_text=final.text, end_offset=end, is_final=True
    )
    return gateway_pb2.SessionEvent(event_number=number, transcript=gateway_pb2.Transcript(revision=heard))


def judged(seen: Told, stored: Told) -> Verdict:
    return verdict(Session("one", bytes(6400), told=seen, stored=stored), RIGHT)


def test_a_session_like_the_undisturbed_one_is_right() -> None:
    """The order of finals of different languages does not matter: they race."""
    assert judged(told([HELLO, BYE, HOLA]), told(RIGHT)) == Verdict("one", 0, 0, ())
    assert finals_of(told(RIGHT)) == list(RIGHT)


def test_what_is_missing_is_counted_in_words() -> None:
    """A final that is not stored is named, and its words are lost."""
    found = judged(told(RIGHT), told([HELLO, HOLA]))
    assert (found.words_lost, found.words_doubled) == (2, 0)
    assert any("good bye" in difference for difference in found.differences)


def test_what_is_there_twice_is_counted_in_words() -> None:
    """A segment cut otherwise says its words again."""
    again = Final("", "000000000800", 1600, "there")
    found = judged(told(RIGHT), told([HELLO, again, HOLA, BYE]))
    assert (found.words_lost, found.words_doubled) == (0, 1)


@pytest.mark.parametrize(
    ("seen", "stored", "problem"),
    [
        (told([*RIGHT, HELLO]), told(RIGHT), "2 times"),
        (told(RIGHT), told(RIGHT, numbers=(1, 2, 4)), "event numbers"),
        (told(RIGHT, checkpoints=(3200, 1600, 3200)), told(RIGHT), "went back"),
        (told(RIGHT, checkpoints=(1600,)), told(RIGHT), "last checkpoint"),
        (Told(told(RIGHT).events[:-1]), told(RIGHT), "no summary"),
    ],
)
def test_each_promise_is_checked(seen: Told, stored: Told, problem: str) -> None:
    """Whatever the caller or the store has that it should not have is named."""
    assert any(problem in difference for difference in judged(seen, stored).differences)
