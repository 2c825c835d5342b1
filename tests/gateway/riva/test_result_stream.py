"""Results that wait for the next answer."""

from riva.client.proto import riva_asr_pb2

from gateway.riva.result_stream import Gathered


def result(*, stability: float = 0.0) -> riva_asr_pb2.StreamingRecognitionResult:
    return riva_asr_pb2.StreamingRecognitionResult(is_final=not stability, stability=stability)


def test_finals_stay_and_the_newest_interim_counts() -> None:
    """A final is what its interims have become."""
    gathered = Gathered()
    old, new, final = result(stability=0.1), result(stability=0.9), result()
    gathered.add([old])
    gathered.add([final])
    gathered.add([final])
    gathered.add([old])
    gathered.add([new])
    gathered.add([])
    assert gathered.take() == [final, final, new]
    assert gathered.take() == []
