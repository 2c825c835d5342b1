from bench.ledger import Ledger
from livetranslate.v1 import asr_pb2, gateway_pb2
from livetranslate.wire import duration_of_samples


def final(start: int, end: int) -> gateway_pb2.SessionEvent:
    revision = asr_pb2.TranscriptRevision(
        start_offset=duration_of_samples(start), end_offset=duration_of_samples(end), is_final=True
    )
    return gateway_pb2.SessionEvent(transcript=gateway_pb2.Transcript(revision=revision))


def summary(received: int, speech: int) -> gateway_pb2.SessionEvent:
    totals = gateway_pb2.SessionSummary(
        audio_duration=duration_of_samples(received), speech_duration=duration_of_samples(speech)
    )
    return gateway_pb2.SessionEvent(summary=totals)


def ledger_of(*events: gateway_pb2.SessionEvent) -> Ledger:
    ledger = Ledger(sent=1000)
    for event in events:
        ledger.receive(event)
    return ledger


def test_what_is_not_in_a_segment_is_silence() -> None:
    """Before the first segment, between two, and after the last."""
    ledger = ledger_of(final(100, 300), final(400, 900), summary(1000, 700))
    assert (ledger.silence, ledger.drift, ledger.unaccounted, ledger.overlaps) == (300, 0, 0, 0)


def test_each_lost_sample_shows() -> None:
    """Sent and not received, received and counted nowhere, or counted twice."""
    assert ledger_of(final(100, 300), summary(990, 200)).drift == -10
    assert ledger_of(final(100, 300), summary(1000, 190)).unaccounted == 10
    assert ledger_of(final(100, 300), final(200, 400), summary(1000, 400)).overlaps == 1
