import pytest

from bench.quality.entry import entry
from bench.quality.session_log import Event, Word
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, tts_pb2, types_pb2
from livetranslate.wire import duration_of_seconds as seconds

EVENTS = [
    (
        gateway_pb2.SessionEvent(
            transcript=gateway_pb2.Transcript(
                revision=asr_pb2.TranscriptRevision(
                    segment_id="1",
                    committed_text="good",
                    unstable_text="morning",
                    start_offset=seconds(1),
                    end_offset=seconds(1.5),
                    words=[types_pb2.Word(text="good", start_offset=seconds(1), end_offset=seconds(1.25))],
                    language_code="en",
                    model="asr_one",
                ),
                lag=seconds(0.25),
            )
        ),
        Event(
            t=2.0,
            kind="transcript",
            segment_id="1",
            language="en",
            committed="good",
            unstable="morning",
            start=1.0,
            end=1.5,
            lag=0.25,
            words=(Word("good", 1.0, 1.25),),
            model="asr_one",
        ),
    ),
    (
        gateway_pb2.SessionEvent(
            translation=gateway_pb2.Translation(
                revision=mt_pb2.TranslationRevision(
                    segment_id="1", language_code="es", committed_text="bueno", source_end_offset=seconds(1.25)
                ),
                end_offset=seconds(1.5),
            )
        ),
        Event(t=2.0, kind="translation", segment_id="1", language="es", committed="bueno", end=1.5, source_end=1.25),
    ),
    (
        gateway_pb2.SessionEvent(
            speech=gateway_pb2.Speech(
                language_code="es",
                audio=tts_pb2.SpeechAudio(
                    segment_id="1", audio=bytes(400), sample_rate_hertz=1000, clause=2, playout_offset=seconds(3)
                ),
            )
        ),
        Event(t=2.0, kind="speech", segment_id="1", language="es", clause=2, seconds=0.2, playout=3.0),
    ),
    (
        gateway_pb2.SessionEvent(
            speech_activity=types_pb2.SpeechActivity(
                kind=types_pb2.SPEECH_ACTIVITY_KIND_STARTED, offset=seconds(1), segment_id="1"
            )
        ),
        Event(t=2.0, kind="speech_activity", segment_id="1", code="STARTED", start=1.0),
    ),
    (
        gateway_pb2.SessionEvent(notice=types_pb2.Notice(code=types_pb2.NOTICE_CODE_NO_SPEECH, message="Quiet.")),
        Event(t=2.0, kind="notice", code="NO_SPEECH", message="Quiet."),
    ),
    (
        gateway_pb2.SessionEvent(checkpoint=gateway_pb2.Checkpoint(durable_offset=seconds(1.5))),
        Event(t=2.0, kind="checkpoint", end=1.5),
    ),
    (
        gateway_pb2.SessionEvent(
            summary=gateway_pb2.SessionSummary(audio_duration=seconds(4), speech_duration=seconds(3))
        ),
        Event(t=2.0, kind="summary", end=4.0, seconds=3.0),
    ),
    (
        gateway_pb2.SessionEvent(session_started=gateway_pb2.SessionStarted(session_id="secret")),
        Event(t=2.0, kind="session_started"),
    ),
]


@pytest.mark.parametrize(("event", "logged"), EVENTS, ids=[logged.kind for _, logged in EVENTS])
def test_every_kind_of_event_is_logged(event: gateway_pb2.SessionEvent, logged: Event) -> None:
    """What a figure needs of an event is in its entry, under the same names whatever the kind."""
    assert entry(event, 2.0) == logged
