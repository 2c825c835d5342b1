"""The core of a session while text is committed piece by piece: what is told, and what is spoken of it."""

from dataclasses import replace

import pytest

from gateway.events import Body, Notice, NoticeKind, SpeechActivity, Target
from gateway.session import GatewaySession
from gateway.telling import Telling
from tests.gateway.bodies import SECOND, draft, final, partial, position, spoken, translated
from tests.gateway.driving import NOW, session, store, told

SEGMENT = final(0).segment_id
SPOKEN = Target("es", speech=True)


def speaking(*committed: str) -> GatewaySession:
    """A session in the middle of a segment whose translation has been committed so far, step by step."""
    core = session("es", speech="es")
    core.receive_transcript(partial(0, committed="good morning"), NOW)
    for text in committed:
        core.receive_translation(draft(0, committed=text), NOW)
    return core


def kinds(core: GatewaySession) -> list[str]:
    return [type(body).__name__ for body in told(core)]


def said(core: GatewaySession) -> list[str]:
    """What is given to tts."""
    return [clause.text for _, clause in core.clauses_to_speak()]


def owed(core: GatewaySession) -> list[str]:
    """What another tts would be asked for."""
    return [clause.text for clause in core.clauses_owed("es")]


def test_clauses_are_spoken_while_the_segment_goes_on() -> None:
    """Each is told as it is heard; the segment is done when the last one was heard to its end."""
    core = session("es", speech="es")
    core.receive_transcript(partial(0, committed="good morning"), NOW)
    core.receive_translation(draft(0, committed="buenos días,"), NOW)
    assert said(core) == ["buenos días,"]
    core.receive_speech(spoken(0, is_last=False), NOW)
    assert owed(core) == ["buenos días,"]
    core.receive_speech(spoken(0), NOW)
    assert owed(core) == []
    assert kinds(core) == ["Transcript", "Translation", "Speech", "Speech"]
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0, text="buenos días, a todos"), NOW)
    assert said(core) == owed(core) == ["a todos"]
    core.receive_speech(spoken(0), NOW)  # again: it is not waited for any more
    core.receive_speech(spoken(0, clause=1), NOW)
    assert kinds(core) == ["Transcript", "Translation", "Speech"]
    assert not core._segments


def test_a_translation_that_begins_anew_is_heard_when_it_has_caught_up() -> None:
    """Nothing committed is taken back, told twice or said twice."""
    core = session("es", speech="es")
    core.receive_transcript(partial(0, committed="good morning"), NOW)
    core.receive_translation(draft(0, committed="buenos días,"), NOW)
    assert (kinds(core), said(core)) == (["Transcript", "Translation"], ["buenos días,"])
    for committed in ("", "buenos", "buenas tardes,"):
        core.receive_translation(draft(0, committed=committed), NOW)
        assert (kinds(core), said(core)) == ([], [])
    core.receive_translation(draft(0, committed="buenos días,", unstable="a"), NOW)
    assert (kinds(core), said(core)) == (["Translation"], [])
    core.receive_translation(draft(0, committed="buenos días, a"), NOW)
    assert (kinds(core), said(core)) == (["Translation"], ["a"])


def test_a_transcript_that_has_lost_words_is_not_heard() -> None:
    """An asr that begins anew and says something else is believed when it is final."""
    core = session("es")
    core.receive_transcript(partial(0, committed="good morning", revision=1), NOW)
    core.receive_transcript(partial(0, committed="god", revision=2), NOW)
    assert kinds(core) == ["Transcript"]
    assert len(core.requests_to_translate()) == 1
    core.receive_transcript(final(0, "god morning"), NOW)
    assert kinds(core) == ["Transcript"]


def test_speech_begins_and_stops_in_the_middle_of_a_segment() -> None:
    """Switched on, it says what comes then; switched off, it leaves what it has not said."""
    core = session("es")
    core.receive_transcript(partial(0, committed="good morning"), NOW)
    core.receive_translation(draft(0, committed="a"), NOW)
    core.receive_targets([SPOKEN])
    core.receive_translation(draft(0, committed="a b"), NOW)
    assert said(core) == owed(core) == ["b"]
    core.receive_targets([Target("es")])
    assert owed(core) == []
    core.receive_translation(draft(0, committed="a b c"), NOW)
    core.receive_targets([SPOKEN])
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0, text="a b c d"), NOW)
    assert said(core) == owed(core) == ["d"]


def test_a_voice_that_is_changed_says_what_the_other_one_has_not() -> None:
    """The clauses that are owed are those of the language."""
    core = speaking("a")
    core.receive_targets([replace(SPOKEN, voice="es-male")])
    assert owed(core) == ["a"]


def test_a_dead_tts_gives_up_what_it_owed_and_later_clauses_are_tried_again() -> None:
    """One notice for the segment and language, however many clauses."""
    core = speaking("a", "a b")
    told(core)
    core.receive_hop_failure(NoticeKind.SYNTHESIS_FAILED, ["es"], "down")
    assert told(core) == [Notice(NoticeKind.SYNTHESIS_FAILED, "down", SEGMENT, "es")]
    assert owed(core) == []
    core.receive_translation(draft(0, committed="a b c"), NOW)
    assert owed(core) == ["c"]


def test_a_clause_that_cannot_be_spoken_leaves_the_next_ones() -> None:
    """Tts fails one input at a time, in their order."""
    core = speaking("a", "a b")
    core.receive_notice(Notice(NoticeKind.SYNTHESIS_FAILED, "No voice.", SEGMENT, "es"))
    assert owed(core) == ["b"]


@pytest.mark.parametrize("committed", ["", "a"])
def test_a_translation_that_fails_ends_the_speech_of_its_segment(committed: str) -> None:
    """Whoever listens is told that nothing follows, if anything came."""
    core = speaking(committed)
    core.receive_transcript(final(0), NOW)
    core.clauses_to_speak()
    core.receive_notice(Notice(NoticeKind.TRANSLATION_FAILED, "down", SEGMENT, "es"))
    closing = [clause for _, clause in core.clauses_to_speak()]
    assert [(clause.clause, clause.text, clause.is_segment_end) for clause in closing] == (
        [(1, "", True)] if committed else []
    )


def test_a_translation_that_fails_where_nothing_is_spoken_ends_nothing() -> None:
    """There is nobody to tell."""
    core = session("es")
    core.receive_transcript(final(0), NOW)
    core.receive_notice(Notice(NoticeKind.TRANSLATION_FAILED, "down", SEGMENT, "es"))
    assert said(core) == []


def test_only_committed_text_leaves_a_session_that_wishes_so() -> None:
    """Neither the client nor mt hears of what may change."""
    core = GatewaySession("s", [Target("es")], telling=Telling(committed_only=True))
    facts = [partial(0, "morning", 1), partial(0, "morning", 2, "good"), partial(0, "everyone", 3, "good")]
    for transcript in (*facts, final(0, "good morning")):
        core.receive_transcript(transcript, NOW)
    shown = [partial(0, "", 2, "good"), replace(final(0, "good morning"), target_languages=("es",))]
    assert told(core) == [shown[-1]]  # what the client has not read, the final replaces
    assert core.requests_to_translate() == [shown[0], final(0, "good morning")]
    core.receive_translation(draft(0, unstable="bueno"), NOW)
    assert told(core) == []
    core.receive_translation(draft(0, committed="buenos", unstable="días"), NOW)
    [translation] = told(core)
    assert (getattr(translation, "committed_text"), getattr(translation, "unstable_text")) == ("buenos", "")  # noqa: B009


def test_partials_come_no_more_often_than_wished() -> None:
    """Those that are not told are not translated either."""
    core = GatewaySession("s", [Target("es")], telling=Telling(partial_interval_samples=SECOND))
    for revision, tenths in enumerate((3, 6, 9, 13, 16, 23), 1):
        end = tenths * SECOND // 10
        core.receive_transcript(replace(partial(0, revision=revision), end_sample=end), NOW)
        core.receive_translation(draft(0), NOW)
        expected = ["Transcript", "Translation"] if tenths in {3, 13, 23} else []
        assert kinds(core) == expected
    assert [getattr(request, "revision") for request in core.requests_to_translate()] == [1, 4, 6]  # noqa: B009


def test_where_speech_starts_and_ends_is_told_once() -> None:
    """It is not stored, and what asr says again is passed over."""
    core = session()
    start, end = SpeechActivity(SEGMENT, 0, is_start=True), SpeechActivity(SEGMENT, SECOND, is_start=False)
    for activity in (start, end, start, end):
        core.receive_activity(activity)
    assert told(core) == [start, end]
    assert store(core) == []


def test_a_change_of_the_language_is_told_once() -> None:
    """What asr says again is neither told nor counted."""
    core = session()
    changed = Notice(NoticeKind.LANGUAGE_CHANGED, "French is spoken.", SEGMENT)
    for _ in range(2):
        core.receive_notice(changed)
    core.receive_end()
    bodies: list[Body] = told(core)
    assert bodies.count(changed) == 1
    assert getattr(bodies[-1], "notice_count") == 2  # noqa: B009 - with the one that nothing was said


def test_a_segment_that_asr_does_not_hear_again_is_not_spoken_any_more() -> None:
    """What it owed is forgotten with it."""
    core = speaking("a")
    core.receive_position(position(1))
    assert owed(core) == []
