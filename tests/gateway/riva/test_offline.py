"""The answer to a file."""

import pytest

from gateway.riva.offline import OfflineResults
from livetranslate.errors import UnavailableError
from livetranslate.v1 import asr_pb2, gateway_pb2, types_pb2
from livetranslate.wire import duration_of_seconds


def transcript(text: str, *, is_final: bool = True) -> gateway_pb2.SessionEvent:
    revision = asr_pb2.TranscriptRevision(committed_text=text, is_final=is_final, end_offset=duration_of_seconds(2))
    return gateway_pb2.SessionEvent(transcript=gateway_pb2.Transcript(revision=revision))


async def test_finals_are_gathered() -> None:
    """Nothing else of the session is told."""
    results = OfflineResults(has_words=False)
    for event in (transcript("Hel", is_final=False), transcript("Hello"), transcript(""), transcript("to all")):
        await results.receive(event)
    told = [(result.alternatives[0].transcript, result.audio_processed) for result in results.told()]
    assert told == [("Hello ", 2.0), ("to all ", 2.0)]


async def test_a_part_that_was_not_recognized_fails_the_whole() -> None:
    """A text with a gap in it would be a wrong one."""
    notice = types_pb2.Notice(code=types_pb2.NOTICE_CODE_RECOGNITION_FAILED, message="Lost.")
    with pytest.raises(UnavailableError, match=r"Lost\. Try again"):
        await OfflineResults(has_words=False).receive(gateway_pb2.SessionEvent(notice=notice))
