"""The core of a session, fact by fact; `test_session_order` has the facts in any order."""

from dataclasses import replace

import pytest

from gateway.events import Body, Checkpoint, Event, Notice, NoticeKind, Summary, Target, Targets
from gateway.session import ToStore
from tests.gateway.bodies import SECOND, draft, final, partial, position, spoken, translated
from tests.gateway.driving import NOW, numbers, session, store, told


def test_finals_are_numbered_stored_and_sent_on() -> None:
    """A final transcript goes to the client, the store and mt; its translation to the client, the store and tts."""
    core = session("es", speech="es")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0), NOW)
    assert numbers(core.items_to_store()) == [1, 2]
    assert [event.number for event in core.events_to_send()] == [1, 2]
    assert core.requests_to_translate() == [final(0)]
    [(target, clause)] = core.clauses_to_speak()
    assert target == Target("es", speech=True)
    assert (clause.text, clause.is_segment_end) == ("buenos días", True)
    assert (clause.start_sample, clause.end_sample) == (0, SECOND)
    assert core.requests_to_translate() == []
    assert core.clauses_to_speak() == []


def test_partials_are_told_and_not_stored() -> None:
    """What may still change has no number and never reaches the store."""
    core = session("es")
    core.receive_transcript(partial(0), NOW)
    core.receive_translation(draft(0), NOW)
    assert [event.number for event in core.events_to_send()] == [0, 0]
    assert core.items_to_store() == []


def test_without_targets_nothing_is_translated() -> None:
    """Captions alone ask nothing of mt."""
    core = session()
    core.receive_transcript(final(0), NOW)
    assert core.requests_to_translate() == []


def test_a_segment_that_comes_to_nothing_leaves_nothing() -> None:
    """An empty final tells the client and mt that the segment is over, and is not stored."""
    core = session("es")
    core.receive_transcript(partial(0), NOW)
    core.receive_transcript(final(0, ""), NOW)
    assert told(core) == [replace(final(0, ""), target_languages=("es",))]
    assert core.items_to_store() == []
    core.receive_translation(translated(0, text=""), NOW)
    assert told(core) == []


def test_the_checkpoint_waits_for_every_translation() -> None:
    """It follows when the transcript and all translations are durable, and names the last durable event."""
    core = session("es", "ca")
    core.receive_audio(2 * SECOND, NOW)
    core.receive_transcript(final(0), NOW)
    core.receive_position(position(2))
    core.receive_translation(translated(0, "es"), NOW)
    store(core)
    assert Checkpoint not in map(type, told(core))
    core.receive_translation(translated(0, "ca"), NOW)
    store(core)
    assert told(core)[-1] == Checkpoint(2 * SECOND, 3)


def test_a_checkpoint_names_no_event_behind_a_gap() -> None:
    """The last durable event is the last before the first that is not."""
    core = session()
    core.receive_transcript(final(0), NOW)
    core.receive_transcript(final(1), NOW)
    core.receive_transcript(final(2), NOW)
    core.receive_position(position(3))
    first, _, third, end = core.items_to_store()
    for item in (end, third, first):
        core.receive_durable(item)
    assert told(core)[-1] == Checkpoint(SECOND, 1)


def test_a_translation_that_failed_is_not_waited_for() -> None:
    """The notice settles the segment's language, and a translation that comes all the same comes too late."""
    core = session("es")
    core.receive_transcript(final(0), NOW)
    core.receive_position(position(1))
    store(core)
    told(core)
    notice = Notice(NoticeKind.TRANSLATION_FAILED, "down", final(0).segment_id, "es")
    core.receive_notice(notice)
    core.receive_translation(translated(0), NOW)
    assert told(core) == [notice, Checkpoint(SECOND, 1)]


def test_a_translation_is_not_given_up_once_it_has_come() -> None:
    """A failure told too late does not let the watermark pass a translation that is not durable."""
    core = session("es")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0), NOW)
    core.receive_position(position(1))
    transcript, _, end = core.items_to_store()
    core.receive_durable(transcript)
    core.receive_durable(end)
    core.receive_notice(Notice(NoticeKind.TRANSLATION_FAILED, "late", final(0).segment_id, "es"))
    assert Checkpoint not in map(type, told(core))


def test_a_dead_mt_gives_up_what_it_owed_and_nothing_else() -> None:
    """Speech of what is translated already still comes; new segments are waited for again."""
    core = session("es", "ca", speech="es")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0, "es"), NOW)
    told(core)
    core.receive_hop_failure(NoticeKind.TRANSLATION_FAILED, ["es", "ca"], "down")
    assert told(core) == [Notice(NoticeKind.TRANSLATION_FAILED, "down", final(0).segment_id, "ca")]
    for is_last in (False, True):
        core.receive_speech(spoken(0, is_last=is_last), NOW)
    assert [type(body).__name__ for body in told(core)] == ["Speech", "Speech"]
    core.receive_transcript(final(1), NOW)
    core.receive_translation(translated(1, "ca"), NOW)
    assert [type(body).__name__ for body in told(core)] == ["Transcript", "Translation"]


def test_a_dead_tts_gives_up_speech_and_no_translation() -> None:
    """A segment whose translation is still to come is spoken later."""
    core = session("es", speech="es")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0), NOW)
    core.receive_transcript(final(1), NOW)
    told(core)
    core.receive_hop_failure(NoticeKind.SYNTHESIS_FAILED, ["es"], "down")
    assert told(core) == [Notice(NoticeKind.SYNTHESIS_FAILED, "down", final(0).segment_id, "es")]
    core.receive_speech(spoken(0), NOW)
    assert told(core) == []
    core.receive_translation(translated(1), NOW)
    assert len(core.clauses_to_speak()) == 2


def test_an_empty_translation_is_not_spoken() -> None:
    """Nothing is asked of tts for a translation without a word."""
    core = session("es", speech="es")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0, text=""), NOW)
    assert core.clauses_to_speak() == []


def test_a_removed_target_is_not_waited_for() -> None:
    """Its translations and speech are passed over, and the watermark goes on without them."""
    core = session("es", "ca", speech="ca")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0, "ca"), NOW)
    core.receive_position(position(1))
    store(core)
    told(core)
    core.requests_to_translate()
    core.receive_targets([Target("ca")])
    assert core.requests_to_translate() == [Targets((Target("ca"),))]
    core.receive_translation(translated(0, "es"), NOW)
    assert told(core) == []
    assert store(core) == [Targets((Target("ca"),))]
    assert told(core) == [Checkpoint(SECOND, 2)]
    core.receive_targets([])
    core.receive_speech(spoken(0, "ca"), NOW)
    assert told(core) == []


def test_a_target_that_is_not_spoken_any_more_is_still_translated() -> None:
    """What tts owes in it is passed over, and what mt owes is not."""
    core = session("es", speech="es")
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0), NOW)
    core.receive_transcript(final(1), NOW)
    told(core)
    core.receive_targets([Target("es")])
    core.receive_speech(spoken(0), NOW)
    core.receive_translation(translated(1), NOW)
    assert [type(body).__name__ for body in told(core)] == ["Translation"]
    assert not core.clauses_owed("es")


def test_a_target_that_mt_refuses_is_not_waited_for() -> None:
    """A target whose model has gone holds neither the watermark nor segments back; the others go on."""
    core = session("es", "fr")
    core.receive_audio(2 * SECOND, NOW)
    core.receive_transcript(final(0), NOW)
    core.receive_position(position(2))
    core.receive_notice(Notice(NoticeKind.TARGET_REFUSED, "No model.", language="fr"))
    core.receive_translation(translated(0, "es"), NOW)
    store(core)
    assert told(core)[-1] == Checkpoint(2 * SECOND, 2)
    assert core.requests_to_translate() == [final(0), Targets((Target("es"),))]
    core.receive_notice(Notice(NoticeKind.TARGET_REFUSED, "Named twice."))
    assert list(core.targets) == ["es"]


def test_a_new_target_starts_with_the_next_final() -> None:
    """A final from before is neither waited for nor taken in the new language."""
    core = session("es")
    core.receive_transcript(final(0), NOW)
    core.receive_targets([Target("es"), Target("ca")])
    core.receive_transcript(final(1), NOW)
    told(core)
    core.receive_translation(translated(0, "ca"), NOW)
    assert told(core) == []
    core.receive_translation(translated(1, "ca"), NOW)
    assert len(told(core)) == 1


def test_what_waits_to_be_spoken_is_spoken_as_is_wished_then() -> None:
    """In the voice of that moment, and not at all in a language that is not spoken any more."""
    core = session("es", speech="es")
    for second, wished in enumerate([Target("es", speech=True, voice="es-male"), Target("es"), Target("ca")]):
        core.receive_targets([Target("es", speech=True)])
        core.receive_transcript(final(second), NOW)
        core.receive_translation(translated(second), NOW)
        core.receive_targets([wished])
        assert [target for target, _ in core.clauses_to_speak()] == ([wished] if wished.speech else [])


def test_the_end_sums_up() -> None:
    """The last checkpoint is at the end of the audio, and the summary comes after it with the totals."""
    core = session("es")
    core.receive_audio(3 * SECOND, NOW)
    core.receive_transcript(final(0), NOW)
    core.receive_translation(translated(0), NOW)
    core.receive_notice(Notice(NoticeKind.DRAINING, "soon"))
    core.receive_audio_end()
    store(core)
    core.receive_end()
    summary = Summary("s", 3 * SECOND, SECOND, segment_count=1, translation_count=1, word_count=2, notice_count=1)
    assert told(core)[-2:] == [Checkpoint(3 * SECOND, 2), summary]
    assert core.sample_count == 3 * SECOND


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], True, id="silence"),
        pytest.param([final(0, "")], True, id="noise"),
        pytest.param([final(0)], False, id="speech"),
        pytest.param([Notice(NoticeKind.RECOGNITION_FAILED, "asr failed")], False, id="not-recognized"),
    ],
)
def test_no_speech_is_told_where_there_was_none(facts: list[Body], expected: bool) -> None:
    """Only a session in which nothing was said ends with the notice."""
    core = session()
    for fact in facts:
        if isinstance(fact, Notice):
            core.receive_notice(fact)
        else:
            core.receive_transcript(fact, NOW)  # type: ignore[arg-type] # a transcript
    store(core)
    core.receive_end()
    kinds = [body.kind for body in told(core) if isinstance(body, Notice)]
    assert (NoticeKind.NO_SPEECH in kinds) is expected


def test_lag_counts_from_the_arrival_of_the_audio() -> None:
    """Each result says how long after its last sample it came."""
    core = session("es", speech="es")
    core.receive_audio(SECOND, now=10.0)
    core.receive_transcript(final(0), now=10.5)
    core.receive_translation(translated(0), now=11.0)
    core.receive_speech(spoken(0), now=12.0)
    assert [round(body.lag_seconds, 3) for body in told(core) if hasattr(body, "lag_seconds")] == [0.5, 1.0, 2.0]


def test_thousands_of_segments_leave_nothing_behind() -> None:
    """Whatever way segments end, the core keeps only those under way."""
    core = session("es", speech="es")
    for second in range(3000):
        core.receive_audio(SECOND, float(second))
        core.receive_transcript(partial(second), float(second))
        core.receive_transcript(final(second, "" if second % 5 == 0 else "word"), float(second))
        if second % 5 == 1:
            core.receive_hop_failure(NoticeKind.TRANSLATION_FAILED, ["es"], "down")
        else:
            core.receive_translation(translated(second), float(second))
        if second % 5 == 2:
            core.receive_hop_failure(NoticeKind.SYNTHESIS_FAILED, ["es"], "down")
        else:
            core.receive_speech(spoken(second), float(second))
        core.receive_position(position(second + 1))
        core.requests_to_translate(), core.clauses_to_speak(), store(core), told(core)
    assert core._watermark.sample == 3000 * SECOND
    assert not core._segments
    assert not core._undurable
    assert not core._watermark.waiting()
    assert not core.outbox._events
    assert core.has_room


def test_positions_are_stored_behind_finals_and_now_and_then_in_silence() -> None:
    """The first position after a final is stored behind it; without one, the next that is 5 s further on."""
    core = session()
    stored: list[ToStore] = []
    for quarter in range(1, 50):
        if quarter == 3:
            core.receive_transcript(final(0), NOW)
        core.receive_position(position(quarter / 4))
        stored += store(core)
    event, *positions = stored
    assert isinstance(event, Event)
    assert positions == [position(0.75), position(5.75), position(10.75)]


def test_the_end_of_the_audio_is_stored_as_a_position() -> None:
    """Where everything is dealt with the next stream would begin after all of the audio, and remember nothing."""
    core = session()
    core.receive_audio(2 * SECOND, NOW)
    core.receive_position(position(1, b"state"))
    core.receive_audio_end()
    assert core.items_to_store() == [position(2)]


def test_changes_of_the_targets_are_stored_in_their_place() -> None:
    """They are kept for those who go on with the session, and move no checkpoint."""
    core = session("es")
    core.receive_transcript(final(0), NOW)
    core.receive_targets([Target("ca", speech=True)])
    core.receive_position(position(1))
    _, targets, _ = store(core)
    assert targets == Targets((Target("ca", speech=True),))


def test_a_final_names_what_it_is_to_be_translated_into() -> None:
    """The targets of the moment in which it came."""
    core = session("es", "ca")
    core.receive_transcript(final(0), NOW)
    [event] = core.items_to_store()
    assert isinstance(event, Event)
    assert event.body == replace(final(0), target_languages=("es", "ca"))


def test_a_translation_of_speech_that_is_under_way_is_a_draft() -> None:
    """A final translation of a segment that is not final yet has no place."""
    core = session("es")
    core.receive_transcript(partial(0), NOW)
    told(core)
    core.receive_translation(translated(0), NOW)
    assert told(core) == []
    core.receive_translation(draft(0), NOW)
    assert len(told(core)) == 1


def test_notices_about_what_is_over_change_nothing() -> None:
    """A failure told of a segment that nobody waits for is passed on, and that is all."""
    core = session("es")
    for kind in (NoticeKind.TRANSLATION_FAILED, NoticeKind.SYNTHESIS_FAILED):
        notice = Notice(kind, "late", final(0).segment_id, "es")
        core.receive_notice(notice)
        assert told(core) == [notice]
    assert store(core) == []


def test_a_reader_and_a_store_that_stand_still_hold_the_hops_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room again once the store has caught up."""
    monkeypatch.setattr("gateway.session._MAX_UNDURABLE", 2)
    core = session()
    for second in range(2):
        assert core.has_room
        core.receive_transcript(final(second), NOW)
    assert not core.has_room
    store(core)
    assert core.has_room
