"""How late results are told, as measured at the moment of telling."""

from dataclasses import replace

import pytest

from gateway.events import Checkpoint, Notice, NoticeKind, Speech, Target, Transcript, Translation
from gateway.session import GatewaySession
from gateway.session_metrics import ResultInstruments, SessionMetrics, committed_end
from livetranslate import names
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2, types_pb2
from livetranslate.wire import duration_of_samples, hop_times
from tests.gateway.bodies import SECOND, draft, final, partial, spoken, translated
from tests.gateway.measuring import Measurements

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


class Telling:
    """A session whose audio has come second by second, each at its own time, and what is told of it."""

    def __init__(self, seconds: int = 10) -> None:
        self.now = 0.0
        self.measurements = Measurements()
        session = GatewaySession("s", [Target("es")])
        for second in range(1, seconds + 1):
            session.receive_audio(SECOND, float(second))
        instruments = ResultInstruments(self.measurements.meter)
        self.metrics = SessionMetrics(session, instruments, clock=lambda: self.now)

    def tell(self, body: Transcript | Translation | Speech | Notice | Checkpoint, now: float) -> None:
        self.now = now
        self.metrics.receive_told(body)

    def recorded(self, name: str) -> dict[str, tuple[int, float]]:
        return self.measurements.recorded(name)


@pytest.fixture
def telling() -> Telling:
    return Telling()


def heard(transcript: Transcript, *words: tuple[str, float], traceparent: str = "") -> Transcript:
    """A transcript with its words, and the second at which each ends."""
    revision = asr_pb2.TranscriptRevision(
        committed_text=transcript.committed_text,
        unstable_text=transcript.unstable_text,
        end_offset=duration_of_samples(transcript.end_sample),
        words=[
            types_pb2.Word(text=text, end_offset=duration_of_samples(round(end * SAMPLE_RATE_HERTZ)))
            for text, end in words
        ],
        hop_times=hop_times(asr=0.25, asr__triton=0.125),
        trace=types_pb2.TraceContext(traceparent=traceparent),
    )
    return replace(transcript, message=revision)


def test_committed_words_are_as_late_as_their_own_audio(telling: Telling) -> None:
    """What comes behind them, unstable or not speech at all, does not make them younger."""
    revision = partial(0, "sir", committed="good morning")
    telling.tell(heard(replace(revision, end_sample=4 * SECOND), ("good", 1), ("morning", 2), ("sir", 4)), now=5.5)
    assert telling.recorded(names.COMMIT_LAG) == {"": (1, 3.5)}
    assert telling.recorded(names.RESULT_LAG) == {"transcript False": (1, 1.5)}


def test_words_are_committed_once(telling: Telling) -> None:
    """A revision that commits nothing new, or only the closing mark, has no commit lag."""
    telling.tell(heard(partial(0, "morning", committed="good"), ("good", 1), ("morning", 2)), now=2)
    telling.tell(heard(partial(0, "mourning", committed="good"), ("good", 1), ("mourning", 2)), now=3)
    telling.tell(heard(final(0, "good morning"), ("good", 1), ("morning", 2)), now=5)
    telling.tell(heard(final(0, "good morning."), ("good", 1), ("morning.", 2)), now=9)
    assert telling.recorded(names.COMMIT_LAG) == {"": (2, 1.0 + 3.0)}


def test_words_that_an_outbox_has_passed_over_count_when_they_are_told(telling: Telling) -> None:
    """The lag is that of the newest word committed since the last telling."""
    telling.tell(heard(partial(0, "b", committed="a"), ("a", 1), ("b", 2)), now=2)
    telling.tell(heard(partial(0, "d", committed="a b c"), ("a", 1), ("b", 2), ("c", 3), ("d", 4)), now=4)
    assert telling.recorded(names.COMMIT_LAG) == {"": (2, 1.0 + 1.0)}


@pytest.mark.parametrize(
    ("committed", "words", "seconds"),
    [
        ("good morning", [("good", 1), ("morning", 2), ("sir", 3)], 2),
        ("早上好", [("早上", 1), ("好", 2), ("吗", 3)], 2),
        ("good morning.", [("good", 1), ("morning", 2)], 4),
        ("good", [], 4),
        ("", [("good", 1)], 1),
    ],
)
def test_the_end_of_what_is_committed(committed: str, words: list[tuple[str, float]], seconds: int) -> None:
    """By the words that make up the committed text in any script; without such words it is the segment's end."""
    transcript = replace(partial(0, committed=committed), end_sample=4 * SECOND)
    assert committed_end(heard(transcript, *words).message) == seconds * SECOND


def test_each_kind_of_result_has_its_lag(telling: Telling) -> None:
    """Of drafts, finals and speech; of a clause the first stretch, which is what a listener waits for."""
    translation = replace(translated(0), end_sample=SECOND, message=mt_pb2.TranslationRevision())
    speech = replace(spoken(0, is_last=False), end_sample=SECOND, message=tts_pb2.SpeechAudio())
    telling.tell(replace(draft(0), end_sample=SECOND), now=2)
    telling.tell(translation, now=3)
    telling.tell(speech, now=4)
    telling.tell(replace(speech, is_last=True), now=6)
    telling.tell(replace(speech, clause=1), now=7)
    telling.tell(replace(speech, language="fr"), now=8)
    assert telling.recorded(names.RESULT_LAG) == {
        "translation False": (1, 1),
        "translation True": (1, 2),
        "speech True": (3, 3 + 6 + 7),
    }


def test_finals_tell_where_the_time_went(telling: Telling) -> None:
    """Each hop's own time counts once for each final result; that of partials does not."""
    translation = mt_pb2.TranslationRevision(hop_times=hop_times(mt=0.5))
    speech = tts_pb2.SpeechAudio(hop_times=hop_times(tts=0.125))
    telling.tell(heard(partial(0)), now=1)
    telling.tell(heard(final(0)), now=1)
    telling.tell(replace(translated(0), message=translation), now=1)
    telling.tell(replace(spoken(0, is_last=False), message=speech), now=1)
    telling.tell(replace(spoken(0), message=speech), now=1)
    assert telling.recorded(names.HOP_DURATION) == {
        "asr": (1, 0.25),
        "asr.triton": (1, 0.125),
        "mt": (1, 0.5),
        "tts": (1, 0.125),
    }


def test_notices_count_by_their_code(telling: Telling) -> None:
    """What else is told, a checkpoint for one, has no measure."""
    telling.tell(Notice(NoticeKind.SPEECH_SKIPPED, "to keep up"), now=1)
    telling.tell(Notice(NoticeKind.SPEECH_SKIPPED, "to keep up"), now=1)
    telling.tell(Notice(NoticeKind.NO_SPEECH, "silence"), now=1)
    telling.tell(Checkpoint(1, 1), now=1)
    assert telling.measurements.counted(names.NOTICES) == {"SPEECH_SKIPPED": 2, "NO_SPEECH": 1}


def test_a_final_is_durable_some_time_after_it_was_made(telling: Telling) -> None:
    """One that the database refuses never is, and one that this process did not make has no such time."""
    for number, now in ((1, 1.0), (2, 2.0), (3, 3.0)):
        telling.now = now
        telling.metrics.receive_final(number)
    telling.now = 5.0
    telling.metrics.receive_durable(1, TRACEPARENT)
    telling.metrics.receive_refused(2)
    telling.metrics.receive_durable(2, "")
    telling.metrics.receive_durable(7, "")
    assert telling.recorded(names.DURABLE_LAG) == {"": (1, 4.0)}
    assert telling.measurements.traces(names.DURABLE_LAG) == {TRACE}


def test_exemplars_lead_to_the_segments_trace(telling: Telling) -> None:
    """That of the transcript also for its speech, which does not say it itself."""
    telling.tell(heard(final(0), ("good", 1), ("morning", 2), traceparent=TRACEPARENT), now=2)
    assert telling.measurements.traces(names.COMMIT_LAG) == {TRACE}
    assert telling.measurements.traces(names.RESULT_LAG) == {TRACE}
    other = Telling()
    other.tell(heard(partial(0), traceparent=TRACEPARENT.replace(TRACE, TRACE[::-1])), now=1)
    other.tell(replace(spoken(0), message=tts_pb2.SpeechAudio(hop_times=hop_times(tts=0.1))), now=1)
    assert other.measurements.traces(names.HOP_DURATION) == {TRACE[::-1]}


def test_memory_is_constant(telling: Telling) -> None:
    """However many segments a session has, and however many finals the store owes."""
    for second in range(200):
        telling.tell(heard(final(second)), now=1)
    for number in range(10_010):
        telling.metrics.receive_final(number)
    for number in range(10_010):
        telling.metrics.receive_durable(number, "")
    assert len(telling.metrics._segments) == 64
    assert telling.recorded(names.DURABLE_LAG)[""][0] == 10_000
