"""What a session tells of a file."""

import pytest

from gateway.web.transcript import Transcript
from livetranslate.errors import UnavailableError
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import duration_of_seconds
from tests.gateway.web.events import notice, spoken, started, translated


def test_finals_are_gathered_in_the_order_of_their_times() -> None:
    """Nothing else of the session is told."""
    transcript = Transcript("")
    for event in (
        started("s1"),
        spoken(2, "to all"),
        spoken(1, "Hel", is_final=False),
        spoken(1, "Hello"),
        spoken(3, ""),
        translated(1, "Hola"),
    ):
        transcript.receive(event)
    assert (transcript.session_id, transcript.text, transcript.language) == ("s1", "Hello to all", "en")
    assert [heard.start_seconds for heard in transcript.segments] == [1.0, 2.0]


def test_a_target_has_its_translations() -> None:
    """And not what was said."""
    transcript = Transcript("es")
    for event in (spoken(1, "Hello"), translated(1, "Ho", is_final=False), translated(1, "Hola")):
        transcript.receive(event)
    assert (transcript.text, transcript.language) == ("Hola", "es")
    assert Transcript("es").language == "es"


def test_a_script_without_spaces_has_none() -> None:
    """Between segments neither."""
    transcript = Transcript("")
    for event in (spoken(1, "\u4f60\u597d"), spoken(2, "\u4e16\u754c")):
        transcript.receive(event)
    assert transcript.text == "\u4f60\u597d\u4e16\u754c"


@pytest.mark.parametrize("code", [types_pb2.NOTICE_CODE_RECOGNITION_FAILED, types_pb2.NOTICE_CODE_TRANSLATION_FAILED])
def test_a_part_that_is_missing_fails_the_whole(code: types_pb2.NoticeCode.ValueType) -> None:
    """A text with a gap in it would be a wrong one."""
    with pytest.raises(UnavailableError, match=r"Lost\. Try again"):
        Transcript("").receive(notice(code))


def test_what_is_good_to_know_is_kept_once() -> None:
    """With how long the file is."""
    transcript = Transcript("")
    for _ in range(2):
        transcript.receive(notice(types_pb2.NOTICE_CODE_NO_SPEECH))
    transcript.receive(notice(types_pb2.NOTICE_CODE_AUDIO_TRUNCATED))
    summary = gateway_pb2.SessionSummary(audio_duration=duration_of_seconds(4.5))
    transcript.receive(gateway_pb2.SessionEvent(summary=summary))
    assert (transcript.notices, transcript.duration_seconds) == ("NO_SPEECH AUDIO_TRUNCATED", 4.5)
    assert (transcript.text, transcript.language) == ("", "")
