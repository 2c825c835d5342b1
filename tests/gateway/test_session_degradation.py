"""What a session leaves out at a busy server: partial text and drafts, and nothing final."""

import pytest

from gateway.degradation import Degradation
from gateway.events import Notice, NoticeKind, Target, Targets, Transcript, Translation
from gateway.session import GatewaySession
from gateway.telling import Telling
from tests.gateway.bodies import draft, final, partial, position, translated
from tests.gateway.driving import NOW, session, store, told


def texts(core: GatewaySession) -> list[tuple[str, str]]:
    """What is told of transcripts and translations: what stays, and what may change."""
    bodies = [body for body in told(core) if isinstance(body, Transcript | Translation)]
    return [(body.committed_text, body.unstable_text) for body in bodies]


def asked(core: GatewaySession) -> list[tuple[str, str]]:
    """What mt is asked to translate."""
    requests = [request for request in core.requests_to_translate() if not isinstance(request, Targets)]
    return [(request.committed_text, request.unstable_text) for request in requests]


@pytest.mark.parametrize("step", list(Degradation))
def test_each_change_is_told(step: Degradation) -> None:
    """As a notice with what is left out from here on, and a sentence; it counts as a notice."""
    core = session("es")
    core.receive_degradation(step)
    assert told(core) == [Notice(NoticeKind.DEGRADATION_CHANGED, step.sentence, degradation=step)]
    core.receive_end()
    assert told(core)[-1].notice_count == 2  # type: ignore[union-attr] # and that there was no speech


def test_wider_steps_change_nothing_of_what_is_told() -> None:
    """They come from asr."""
    core = session("es")
    core.receive_degradation(Degradation.WIDER_STEPS)
    core.receive_transcript(partial(0, "morning", committed="good"), NOW)
    assert (texts(core), asked(core)) == ([("good", "morning")], [("good", "morning")])


def test_only_committed_text_is_translated() -> None:
    """As it grows, and without the rest; the client still sees all of it."""
    core = session("es")
    core.receive_degradation(Degradation.NO_DRAFTS)
    core.receive_transcript(partial(0, "good", revision=1), NOW)
    core.receive_transcript(partial(0, "mourning", revision=2, committed="good"), NOW)
    core.receive_transcript(partial(0, "morning all", revision=3, committed="good"), NOW)
    assert asked(core) == [("good", "")]
    assert texts(core) == [("good", "morning all")]  # those before have given way to it
    assert core.withheld_count == 2
    core.receive_transcript(final(0, "good morning all"), NOW)
    assert asked(core) == [("good morning all", "")]


def test_nothing_is_told_before_it_is_final() -> None:
    """Neither by asr nor by mt, though they should still say it."""
    core = session("es")
    core.receive_transcript(partial(0, "good", revision=1), NOW)
    assert texts(core) == [("", "good")]
    core.receive_degradation(Degradation.NO_PARTIALS)
    core.receive_transcript(partial(0, "morning", revision=2, committed="good"), NOW)
    core.receive_translation(draft(0, committed="buenos"), NOW)
    assert (texts(core), asked(core)) == ([], [("", "good")])
    core.receive_transcript(final(0, "good morning"), NOW)
    core.receive_translation(draft(0, committed="buenos", unstable="días"), NOW)
    core.receive_translation(translated(0, text="buenos días"), NOW)
    assert texts(core) == [("good morning", ""), ("buenos días", "")]
    assert core.withheld_count == 3


def test_everything_comes_back() -> None:
    """With the next revision, also of a segment in the middle of which things were left out."""
    core = session("es")
    core.receive_degradation(Degradation.NO_PARTIALS)
    core.receive_transcript(partial(0, "good", revision=1), NOW)
    core.receive_degradation(Degradation.NONE)
    core.receive_transcript(partial(0, "good morning", revision=2), NOW)
    assert (texts(core), asked(core)) == ([("", "good morning")], [("", "good morning")])


def test_speech_is_complete() -> None:
    """What was not told as it grew is spoken when it is final, all of it and once."""
    core = GatewaySession("s", [Target("es", speech=True)])
    core.receive_transcript(partial(0, "morning", committed="good"), NOW)
    core.receive_translation(draft(0, committed="buenos,", unstable="días"), NOW)
    spoken = [clause.text for _, clause in core.clauses_to_speak()]
    core.receive_degradation(Degradation.NO_PARTIALS)
    core.receive_transcript(final(0, "good morning all"), NOW)
    core.receive_translation(draft(0, committed="buenos, días", unstable="todos"), NOW)
    core.receive_translation(translated(0, text="buenos, días a todos"), NOW)
    spoken += [clause.text for _, clause in core.clauses_to_speak()]
    assert "".join(spoken).replace(" ", "") == "buenos,díasatodos"


def test_what_the_client_wishes_still_holds() -> None:
    """Before, while and after something is left out."""
    core = GatewaySession("s", [Target("es")], telling=Telling(committed_only=True))
    for step in (Degradation.NO_PARTIALS, Degradation.NONE):
        core.receive_degradation(step)
    core.receive_transcript(partial(0, "morning", committed="good"), NOW)
    assert (texts(core), asked(core)) == ([("good", "")], [("good", "")])


@pytest.mark.parametrize("step", list(Degradation))
def test_finals_are_the_same(step: Degradation) -> None:
    """What is stored, and how far it is durable, does not depend on what is left out."""
    stored = []
    for degraded in (Degradation.NONE, step):
        core = session("es")
        core.receive_degradation(degraded)
        core.receive_transcript(partial(0, "morning", committed="good"), NOW)
        core.receive_transcript(final(0), NOW)
        core.receive_translation(draft(0, committed="buenos"), NOW)
        core.receive_position(position(1))
        core.receive_translation(translated(0), NOW)
        stored.append(store(core))
    assert stored[0] == stored[1]
