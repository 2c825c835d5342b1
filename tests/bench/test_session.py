from bench.session import PARTIAL_LAG, Listener
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2
from livetranslate.wire import duration_of_samples, duration_of_seconds


def transcript(end_sample: int, *, is_final: bool) -> gateway_pb2.SessionEvent:
    """A segment that reaches up to `end_sample`, a tenth of a second late."""
    revision = asr_pb2.TranscriptRevision(
        segment_id="000000000000", end_offset=duration_of_samples(end_sample), is_final=is_final
    )
    body = gateway_pb2.Transcript(revision=revision, lag=duration_of_seconds(0.1))
    return gateway_pb2.SessionEvent(transcript=body)


def test_latency_counts_from_the_chunk_that_completed_the_text() -> None:
    """A partial up to the end of the second chunk is as late as that chunk's sending is long ago."""
    noted: dict[str, float] = {}
    listener = Listener(lambda name, _, seconds: noted.update({name: seconds}))
    listener.sent += [10.0, 20.0, 30.0]
    listener.receive(transcript(3200, is_final=False), 20.5)
    assert noted == {PARTIAL_LAG: 0.1, "partial transcript: sent to received": 0.5}


def test_translation_counts_from_its_transcript() -> None:
    """What mt and its path add is the time from a segment's final transcript to its final translation."""
    noted: dict[str, float] = {}
    listener = Listener(lambda name, _, seconds: noted.update({name: seconds}))
    listener.sent.append(10.0)
    listener.receive(transcript(1600, is_final=True), 11.0)
    revision = mt_pb2.TranslationRevision(segment_id="000000000000", is_final=True)
    event = gateway_pb2.SessionEvent(translation=gateway_pb2.Translation(revision=revision))
    listener.receive(event, 11.25)
    assert noted["final translation: after its transcript"] == 0.25
