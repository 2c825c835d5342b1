from livetranslate.client.given import Given
from livetranslate.v1 import gateway_pb2, mt_pb2, tts_pb2


def speech(clause: int, *, is_last: bool) -> gateway_pb2.SessionEvent:
    """A stretch of a segment's speech."""
    audio = tts_pb2.SpeechAudio(segment_id="000000000000", clause=clause, is_last=is_last)
    return gateway_pb2.SessionEvent(speech=gateway_pb2.Speech(language_code="es", audio=audio))


def test_each_clause_is_heard_once() -> None:
    """A clause that was heard to its end is not heard again after a break; those after it are."""
    given = Given()
    assert all(given.admit(event) for event in (speech(0, is_last=False), speech(0, is_last=True)))
    assert not given.admit(speech(0, is_last=False))
    assert given.admit(speech(1, is_last=False))


def test_the_texts_of_what_is_durable_are_not_given_again() -> None:
    """A language that was no target for a while may be sent again; speech of such a segment may still come."""
    given = Given()
    revision = mt_pb2.TranslationRevision(segment_id="000000000000", language_code="es", is_final=True)
    translation = gateway_pb2.SessionEvent(translation=gateway_pb2.Translation(revision=revision))
    assert given.admit(translation)
    given.forget_before(16_000)
    assert not given.admit(translation)
    assert given.admit(speech(0, is_last=True))
    assert not given.admit(speech(0, is_last=True))
