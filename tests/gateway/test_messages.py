"""Between the wire's messages and the core's events."""

from dataclasses import replace

import pytest

from gateway import messages
from gateway.degradation import Degradation
from gateway.events import (
    Body,
    Checkpoint,
    Event,
    Notice,
    NoticeKind,
    Position,
    Speech,
    SpeechActivity,
    SpeechEncoding,
    SpeechOptions,
    Started,
    Summary,
    Target,
    Transcript,
    Translation,
)
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, tts_pb2, types_pb2
from livetranslate.wire import duration_of_samples, samples_of_duration

SECOND = duration_of_samples(16_000)


def test_a_revision_of_asr_is_a_transcript() -> None:
    """Its place is in samples, and the message itself goes along unread."""
    revision = asr_pb2.TranscriptRevision(
        segment_id="000000000000",
        revision=3,
        committed_text="good",
        unstable_text="morning",
        end_offset=SECOND,
    )
    transcript = messages.transcript_from_proto(revision)
    expected = Transcript("000000000000", 0, 16_000, "good", "morning", is_final=False, message=revision, revision=3)
    assert transcript == expected


def test_unstable_text_that_is_kept_back_stays_here() -> None:
    """So do its words; what asr said is as it was, for whoever else has it."""
    revision = asr_pb2.TranscriptRevision(
        committed_text="Good morning",
        unstable_text="everyone",
        words=[types_pb2.Word(text=text) for text in ("Good", "morning", "everyone")],
    )
    told = replace(messages.transcript_from_proto(revision), unstable_text="")
    event = messages.event_to_proto(Event(0, told)).transcript.revision
    assert (event.committed_text, event.unstable_text) == ("Good morning", "")
    assert [word.text for word in event.words] == ["Good", "morning"]
    assert len(revision.words) == 3
    draft = mt_pb2.TranslationRevision(committed_text="Buenos días", unstable_text="a todos")
    translation = replace(messages.translation_from_proto(draft), unstable_text="")
    assert messages.event_to_proto(Event(0, translation)).translation.revision.unstable_text == ""


def test_progress_is_a_position() -> None:
    """What the recognizer remembers is passed on as it is."""
    progress = asr_pb2.RecognitionProgress(processed_offset=SECOND, state=b"\0\1")
    assert messages.position_from_proto(progress) == Position(16_000, b"\0\1")


def test_a_translation_tells_up_to_where_speech_is_translated() -> None:
    """By its committed text, in samples."""
    revision = mt_pb2.TranslationRevision(segment_id="a", language_code="es", source_end_offset=SECOND)
    assert messages.translation_from_proto(revision).source_end_sample == 16_000


@pytest.mark.parametrize("is_start", [False, True])
def test_where_speech_starts_and_ends_goes_through(is_start: bool) -> None:
    """In both directions; the place is in samples."""
    activity = SpeechActivity("000000000000", 16_000, is_start)
    message = messages.event_to_proto(Event(0, activity)).speech_activity
    assert message.offset == SECOND
    assert messages.activity_from_proto(message) == activity


def test_speech_knows_its_clause_and_how_it_is_to_be_mixed() -> None:
    """The clause comes from tts; by how much the original is lowered, from the target."""
    audio = tts_pb2.SpeechAudio(segment_id="a", is_last=True, clause=2, is_segment_end=True)
    speech = messages.speech_from_proto(audio, Target("es", speech=True, speech_options=SpeechOptions(ducking_db=6.0)))
    assert (speech.clause, speech.is_segment_end, speech.ducking_db) == (2, True, 6.0)
    message = messages.event_to_proto(Event(0, replace(speech, encoding=SpeechEncoding.OGG_OPUS))).speech
    assert (message.encoding, message.ducking_db) == (gateway_pb2.SPEECH_ENCODING_OGG_OPUS, 6.0)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_goes_through(kind: NoticeKind) -> None:
    """Each kind has its code, in both directions."""
    notice = Notice(kind, "Something went wrong.", "000000000000", "es")
    message = messages.event_to_proto(Event(0, notice)).notice
    assert types_pb2.NoticeCode.Name(message.code) == f"NOTICE_CODE_{kind}"
    assert messages.notice_from_proto(message) == notice


@pytest.mark.parametrize("step", [None, *Degradation])
def test_a_notice_tells_what_is_left_out(step: Degradation | None) -> None:
    """Where it is about that."""
    notice = Notice(NoticeKind.DEGRADATION_CHANGED, "The server is busy.", degradation=step)
    told = messages.event_to_proto(Event(0, notice)).notice.degradation
    assert types_pb2.Degradation.Name(told) == f"DEGRADATION_{'UNSPECIFIED' if step is None else step.name}"


@pytest.mark.parametrize("code", [0, 99])
def test_a_notice_that_nobody_knows_is_still_told(code: int) -> None:
    """A service that is newer than the gateway may have more to tell."""
    notice = messages.notice_from_proto(types_pb2.Notice(code=code, message="New."))  # type: ignore[arg-type] # any number
    assert notice == Notice(NoticeKind.SERVICE_UNAVAILABLE, "New.")


TRANSCRIPT = asr_pb2.TranscriptRevision(segment_id="a", committed_text="good", is_final=True)
TRANSLATION = mt_pb2.TranslationRevision(segment_id="a", language_code="es", committed_text="buenos", is_final=True)
AUDIO = tts_pb2.SpeechAudio(segment_id="a", audio=b"\0\0", is_last=True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (Started("s", "token", 60.0, is_resumed=True, resume_sample=16_000, last_event_number=7), "session_started"),
        (SpeechActivity("a", 16_000, is_start=True), "speech_activity"),
        (messages.transcript_from_proto(TRANSCRIPT), "transcript"),
        (messages.translation_from_proto(TRANSLATION), "translation"),
        (messages.speech_from_proto(AUDIO, Target("es")), "speech"),
        (Checkpoint(16_000, 7), "checkpoint"),
        (Notice(NoticeKind.DRAINING, "soon"), "notice"),
        (Summary("s", 32_000, 16_000, 1, 2, 3, 4), "summary"),
    ],
)
def test_every_event_has_a_message(body: Body, kind: str) -> None:
    """The client gets the number and the one thing that happened."""
    message = messages.event_to_proto(Event(7, body))
    assert (message.event_number, message.WhichOneof("event")) == (7, kind)


def test_a_resumed_start_says_where_to_go_on() -> None:
    """The token, the window, the place and the number of the last event that is stored."""
    body = Started("s", "token", 60.0, is_resumed=True, resume_sample=16_000, last_event_number=7)
    started = messages.event_to_proto(Event(0, body)).session_started
    assert (started.session_id, started.resume_token, started.is_resumed) == ("s", "token", True)
    assert (started.resume_window.seconds, started.resume_offset, started.last_event_number) == (60, SECOND, 7)


def test_results_carry_their_place_and_lag() -> None:
    """The hop's own message is inside, unchanged."""
    place = {"start_sample": 16_000, "end_sample": 32_000, "lag_seconds": 0.5}
    translation = Translation("a", "es", "buenos", "", is_final=True, message=TRANSLATION, **place)  # type: ignore[arg-type]
    speech = Speech("a", "es", is_last=True, message=AUDIO, **place)  # type: ignore[arg-type]
    told = messages.event_to_proto(Event(1, translation)).translation, messages.event_to_proto(Event(0, speech)).speech
    for message in told:
        assert samples_of_duration(message.start_offset) == 16_000
        assert samples_of_duration(message.end_offset) == 32_000
        assert message.lag.nanos == 500_000_000
    assert (told[0].revision, told[1].audio, told[1].language_code) == (TRANSLATION, AUDIO, "es")


def test_a_summary_tells_all_totals() -> None:
    """Samples become durations."""
    summary = messages.event_to_proto(Event(0, Summary("s", 32_000, 16_000, 1, 2, 3, 4))).summary
    assert (summary.audio_duration.seconds, summary.speech_duration.seconds) == (2, 1)
    counts = summary.segment_count, summary.translation_count, summary.word_count, summary.notice_count
    assert counts == (1, 2, 3, 4)
