"""Events of a session, as its client gets them."""

from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, types_pb2
from livetranslate.wire import duration_of_seconds

Event = gateway_pb2.SessionEvent


def started(session_id: str) -> Event:
    """The session is open."""
    return Event(session_started=gateway_pb2.SessionStarted(session_id=session_id))


def spoken(second: int, text: str, *, is_final: bool = True, words: str = "", confidence: float = 0.0) -> Event:
    """The transcript of one second, with words of a quarter each."""
    revision = asr_pb2.TranscriptRevision(
        segment_id=f"{second:012}",
        committed_text=text,
        is_final=is_final,
        start_offset=duration_of_seconds(second),
        end_offset=duration_of_seconds(second + 1),
        language_code="en",
        confidence=confidence,
        words=[
            types_pb2.Word(
                text=word,
                start_offset=duration_of_seconds(second + place / 4),
                end_offset=duration_of_seconds(second + (place + 1) / 4),
            )
            for place, word in enumerate(words.split())
        ],
    )
    return Event(transcript=gateway_pb2.Transcript(revision=revision))


def translated(second: int, text: str, *, is_final: bool = True) -> Event:
    """Its translation."""
    revision = mt_pb2.TranslationRevision(
        segment_id=f"{second:012}", language_code="es", committed_text=text, is_final=is_final
    )
    start, end = duration_of_seconds(second), duration_of_seconds(second + 1)
    return Event(translation=gateway_pb2.Translation(revision=revision, start_offset=start, end_offset=end))


def notice(code: types_pb2.NoticeCode.ValueType) -> Event:
    """Something is good to know."""
    return Event(notice=types_pb2.Notice(code=code, message="Lost."))
