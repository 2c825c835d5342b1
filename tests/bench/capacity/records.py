"""Records of sessions that were never played."""

from bench.capacity.visit import Record, Visit
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, types_pb2
from livetranslate.wire import duration_of_samples


def answer(**body: object) -> bytes:
    """An event as it is on the wire."""
    event = gateway_pb2.SessionEvent(**body)  # type: ignore[arg-type] # the name of one field, and its message
    return gateway_pb2.StreamingTranslateSpeechResponse(event=event).SerializeToString()


def transcript(
    segment_id: str, revision: int, end_sample: int, committed: str = "", *, is_final: bool = False
) -> bytes:
    """A transcript; each word takes half a second of the segment."""
    start = int(segment_id)
    words = [
        types_pb2.Word(text=word, end_offset=duration_of_samples(start + (number + 1) * 8_000))
        for number, word in enumerate(committed.split())
    ]
    body = asr_pb2.TranscriptRevision(
        segment_id=segment_id,
        revision=revision,
        committed_text=committed,
        is_final=is_final,
        end_offset=duration_of_samples(end_sample),
        words=words,
    )
    return answer(transcript=gateway_pb2.Transcript(revision=body))


def translation(segment_id: str, end_sample: int) -> bytes:
    """A final translation."""
    revision = mt_pb2.TranslationRevision(segment_id=segment_id, is_final=True)
    return answer(translation=gateway_pb2.Translation(revision=revision, end_offset=duration_of_samples(end_sample)))


def summary() -> bytes:
    """The end of a session."""
    return answer(summary=gateway_pb2.SessionSummary())


def degraded(degradation: types_pb2.Degradation.ValueType) -> bytes:
    """A notice that something is left out."""
    code = types_pb2.NOTICE_CODE_DEGRADATION_CHANGED
    return answer(notice=types_pb2.Notice(code=code, degradation=degradation))


def record(
    *answers: tuple[float, bytes], start: float = 100.0, seconds: float = 10.0, failure: str = "", place: int = 0
) -> Record:
    """A session that was told something, at seconds after its start."""
    told = [(start + at, message) for at, message in answers]
    ended_at = told[-1][0] if told else start
    return Record(Visit(place, start, start + seconds), [0.001] * 100, told, failure, ended_at=ended_at)
