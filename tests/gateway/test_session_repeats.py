"""The core of a session when a service, or the gateway itself, has died: what is told twice, what is asked again."""

from dataclasses import replace

from gateway.events import Checkpoint, Notice, NoticeKind, Summary, Target
from gateway.resumption import Resumption
from gateway.session import GatewaySession
from tests.gateway.bodies import SECOND, final, partial, position, spoken, translated
from tests.gateway.driving import NOW, numbers, session, store, told


def test_what_asr_says_again_is_passed_over() -> None:
    """A stream that begins anew repeats finals, revisions and positions; nothing of it is told, asked or stored."""
    core = session("es")
    facts = (final(0), partial(1, revision=1), partial(1, "good morning", revision=2))
    for transcript in facts:
        core.receive_transcript(transcript, NOW)
    core.receive_position(position(1))
    store(core), told(core), core.requests_to_translate()
    for transcript in facts:
        core.receive_transcript(transcript, NOW)
    core.receive_position(position(0.5))
    core.receive_position(position(1))
    assert (store(core), told(core), core.requests_to_translate()) == ([], [], [])
    assert core.position == position(1)


def test_a_final_is_taken_whatever_its_count() -> None:
    """Asr that begins anew hears a segment faster and revises it less often; its final is no less final."""
    core = session()
    core.receive_transcript(partial(0, revision=7), NOW)
    core.receive_transcript(final(0, revision=2), NOW)
    assert numbers(core.items_to_store()) == [1]


def test_a_segment_that_asr_does_not_hear_again_is_forgotten() -> None:
    """Partial text that came to nothing in the repetition is not kept for ever."""
    core = session()
    core.receive_transcript(partial(0), NOW)
    core.receive_transcript(partial(2), NOW)
    core.receive_position(position(1))
    assert list(core._segments) == [partial(2).segment_id]


def test_another_replica_is_asked_for_what_is_owed() -> None:
    """Finals that mt has not translated into everything, and translations that tts has not spoken to the end."""
    core = session("es", "ca", speech="es")
    for second in range(3):
        core.receive_transcript(final(second), NOW)
    core.receive_translation(translated(0, "es"), NOW)
    core.receive_translation(translated(0, "ca"), NOW)
    core.receive_translation(translated(1, "es"), NOW)
    core.receive_speech(spoken(0), NOW)
    core.receive_speech(spoken(1, is_last=False), NOW)
    assert [transcript.start_sample // SECOND for transcript in core.transcripts_owed()] == [1, 2]
    assert [clause.start_sample // SECOND for clause in core.clauses_owed("es")] == [1]
    assert core.clauses_owed("ca") == []
    owed = [core.is_untranslated(final(second).segment_id) for second in range(4)]
    assert owed == [False, True, True, False]


def test_a_translation_depends_on_the_two_segments_before_it() -> None:
    """Those before the oldest that is owed; where nothing is owed, the last ones."""
    core = session("es")
    assert core.context_of_owed() == ()
    for second in range(4):
        core.receive_transcript(final(second), NOW)
    for second in range(3):
        core.receive_translation(translated(second), NOW)
    assert [transcript.start_sample // SECOND for transcript in core.context_of_owed()] == [1, 2]
    core.receive_translation(translated(3), NOW)
    assert [transcript.start_sample // SECOND for transcript in core.context_of_owed()] == [2, 3]


def test_a_resumed_session_knows_the_segments_before() -> None:
    """Those before the oldest that is owed are stored; what is owed comes before what is said next."""
    stored = replace(resumption((1, ["es"]), (2, [])), context=[final(0)])
    core = GatewaySession("s", [Target("es")], stored)
    assert core.context_of_owed() == [final(0)]
    core.receive_translation(translated(1), NOW)
    assert core.context_of_owed() == [final(1), final(2)]


def resumption(*untranslated: tuple[int, list[str]], seconds: float = 2, last: int = 3) -> Resumption:
    """A session of which two segments are stored."""
    owed = [(final(second), languages) for second, languages in untranslated]
    totals = Summary("s", speech_samples=2 * SECOND, segment_count=2, translation_count=1, word_count=4)
    return Resumption(position(seconds, b"state"), 2 * SECOND, last, totals, owed)


def test_a_resumed_session_goes_on_where_it_is_stored() -> None:
    """The position, the numbers and the totals are those of the store, and samples are counted from the position."""
    core = GatewaySession("s", [Target("es")], resumption())
    assert core.position == position(2, b"state")
    assert core.sample_count == 2 * SECOND
    core.receive_audio(SECOND, NOW)
    core.receive_transcript(final(1), NOW)  # known
    core.receive_transcript(final(2), NOW)
    core.receive_translation(translated(2), NOW)
    core.receive_audio_end()
    assert numbers(store(core)) == [4, 5]
    core.receive_end()
    summary = Summary("s", 3 * SECOND, 3 * SECOND, segment_count=3, translation_count=2, word_count=6)
    assert told(core)[-2:] == [Checkpoint(3 * SECOND, 5), summary]


def test_a_resumed_session_waits_for_translations_that_are_missing() -> None:
    """They are asked for again, also in a language that is a target only later, and the watermark waits for them."""
    core = GatewaySession("s", [Target("es")], resumption((0, ["es"]), (1, ["es", "fr"])))
    assert core.transcripts_owed() == [final(0), final(1)]
    assert core.targets_to_translate() == [Target("es"), Target("fr")]
    core.receive_translation(translated(0), NOW)
    core.receive_transcript(final(2), NOW)
    core.receive_translation(translated(2), NOW)
    core.receive_position(position(3))
    store(core)
    assert Checkpoint not in map(type, told(core))
    core.receive_translation(translated(1), NOW)
    core.receive_translation(translated(1, "fr"), NOW)
    store(core)
    assert told(core)[-1] == Checkpoint(3 * SECOND, 8)


def test_what_a_resumed_session_owes_can_be_dropped() -> None:
    """A change of the targets ends the waiting, once it is stored."""
    core = GatewaySession("s", [Target("es")], resumption((0, ["fr"])))
    core.receive_targets([Target("es")])
    assert core.transcripts_owed() == []
    core.receive_audio(SECOND, NOW)
    core.receive_position(position(3))
    core.receive_audio_end()
    store(core)
    assert type(told(core)[-1]) is Checkpoint


def test_what_is_owed_in_a_language_that_mt_refuses_is_given_up() -> None:
    """It is no target any more, and its model is gone: nobody waits for it, and the watermark moves on."""
    core = GatewaySession("s", [Target("es")], resumption((1, ["fr"])))
    core.receive_notice(Notice(NoticeKind.TARGET_REFUSED, "No model.", language="fr"))
    assert core.transcripts_owed() == []
    core.receive_audio(SECOND, NOW)
    core.receive_position(position(3))
    core.receive_audio_end()
    store(core)
    assert type(told(core)[-1]) is Checkpoint


def test_a_resumed_session_in_which_something_was_said_says_so() -> None:
    """Silence after the break does not make it a session without speech."""
    core = GatewaySession("s", [], resumption())
    core.receive_end()
    assert [type(body) for body in told(core)] == [Summary]
