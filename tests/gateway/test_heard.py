"""What asr says of the speaker beside the words."""

from gateway.events import Notice, NoticeKind, SpeechActivity
from gateway.heard import Heard
from tests.gateway.bodies import SECOND


def activity(second: float, *, is_start: bool) -> SpeechActivity:
    return SpeechActivity("", round(second * SECOND), is_start)


def changed(segment_id: str, message: str = "French is spoken.") -> Notice:
    return Notice(NoticeKind.LANGUAGE_CHANGED, message, segment_id)


def test_speech_starts_and_ends_once() -> None:
    """What asr says again, as it has begun anew, is known; what it says then is not."""
    heard = Heard()
    facts = [
        activity(0, is_start=True),
        activity(2, is_start=False),
        activity(2, is_start=True),  # the segment was cut there
        activity(3, is_start=False),
    ]
    assert all(heard.is_new_activity(fact) for fact in facts)
    assert not any(heard.is_new_activity(fact) for fact in facts)
    assert heard.is_new_activity(activity(4, is_start=True))


def test_a_language_changes_once() -> None:
    """A segment may bring more than one change, and a change back is one."""
    heard = Heard()
    facts = [changed("1"), changed("2", "English is spoken."), changed("2", "What is spoken is not known.")]
    assert all(heard.is_new_change(fact) for fact in facts)
    assert not any(heard.is_new_change(fact) for fact in (facts[0], facts[2]))
    assert heard.is_new_change(changed("3"))
