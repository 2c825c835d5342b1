"""What waits to be published: only the newest of each kind, in messages that PostgreSQL takes."""

import itertools
import json

import pytest
from google.protobuf.message import DecodeError

from gateway.store.partials import MAX_PAYLOAD_BYTES, Partials, events_of
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, types_pb2


def transcript(segment_id: str, text: str) -> gateway_pb2.SessionEvent:
    """A partial transcript, with a word and its time."""
    revision = asr_pb2.TranscriptRevision(segment_id=segment_id, unstable_text=text, words=[types_pb2.Word(text=text)])
    return gateway_pb2.SessionEvent(transcript=gateway_pb2.Transcript(revision=revision))


def translation(segment_id: str, language: str) -> gateway_pb2.SessionEvent:
    """A partial translation."""
    revision = mt_pb2.TranslationRevision(segment_id=segment_id, language_code=language)
    return gateway_pb2.SessionEvent(translation=gateway_pb2.Translation(revision=revision))


def taken(partials: Partials) -> dict[str, list[gateway_pb2.SessionEvent]]:
    """The events of each session's message."""
    messages = partials.take()
    assert all(len(message.encode()) <= MAX_PAYLOAD_BYTES for message in messages)
    decoded = [json.loads(message) for message in messages]
    assert {message["kind"] for message in decoded} <= {"partial"}
    return {message["session_id"]: events_of(message["events"]) for message in decoded}


def test_only_the_newest_of_a_segment_and_language_is_kept() -> None:
    """Each session has one message, and each thing is taken once."""
    partials = Partials()
    for event in (transcript("1", "a"), translation("1", "es"), transcript("1", "a b"), translation("1", "ca")):
        partials.put("first", event)
    partials.put("second", transcript("1", "c"))
    messages = taken(partials)
    assert [event.transcript.revision.unstable_text for event in messages["first"]] == ["a b", "", ""]
    assert [event.translation.revision.language_code for event in messages["first"]] == ["", "es", "ca"]
    assert len(messages["second"]) == 1
    assert taken(partials) == {}
    assert partials.dropped_count == 1


def test_a_start_and_an_end_of_speech_are_both_kept() -> None:
    """Whoever watches is not left with half of them; what is said again takes no room."""
    partials = Partials()
    told = [
        types_pb2.SpeechActivity(kind=kind, segment_id=segment_id)
        for segment_id in ("1", "2")
        for kind in (types_pb2.SPEECH_ACTIVITY_KIND_STARTED, types_pb2.SPEECH_ACTIVITY_KIND_ENDED)
    ]
    for activity in (*told, told[0]):
        partials.put("session", gateway_pb2.SessionEvent(speech_activity=activity))
    assert [event.speech_activity for event in taken(partials)["session"]] == told


def test_words_stay_at_home() -> None:
    """The message has the text; the event that was put is as it was."""
    partials, event = Partials(), transcript("1", "a")
    partials.put("session", event)
    (sent,) = taken(partials)["session"]
    assert (sent.transcript.revision.unstable_text, list(sent.transcript.revision.words)) == ("a", [])
    assert event.transcript.revision.words


def test_what_does_not_fit_waits_for_the_next_message() -> None:
    """No message is too long, and nothing is lost that fits into one."""
    partials = Partials()
    for number in range(10):
        partials.put("session", transcript(str(number), "x" * 1_500))
    partials.put("session", transcript("huge", "x" * 10_000))
    rounds = []
    while messages := taken(partials):
        rounds.append([event.transcript.revision.segment_id for event in messages["session"]])
    assert len(rounds) == 4
    assert sorted(itertools.chain(*rounds)) == [str(number) for number in range(10)]
    assert partials.dropped_count == 1


def test_sessions_and_events_have_a_limit() -> None:
    """Where there is no room, new ones are dropped, and old ones still change."""
    partials = Partials()
    for number in range(600):
        partials.put(f"{number:03d}", transcript("1", "a"))
    assert len(taken(partials)) == 512
    assert partials.dropped_count == 88
    for number in range(70):
        partials.put("session", transcript(str(number), "a"))
    partials.put("session", transcript("63", "b"))
    events = taken(partials)["session"]
    while more := taken(partials):
        events += more["session"]
    assert len(events) == 64
    assert events[-1].transcript.revision.unstable_text == "b"
    assert partials.dropped_count == 88 + 6 + 1


@pytest.mark.parametrize("packed", ["not base64!", "QUJD"])
def test_what_is_no_event_is_an_error(packed: str) -> None:
    """Whoever reads the message is told."""
    with pytest.raises((ValueError, DecodeError)):
        events_of(packed)
