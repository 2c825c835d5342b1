import pytest

from livetranslate.v1 import asr_pb2, gateway_pb2
from livetranslate.wire import duration_of_samples
from tests.chaos.captions import Captions


def transcript(end_sample: int) -> gateway_pb2.SessionEvent:
    revision = asr_pb2.TranscriptRevision(end_offset=duration_of_samples(end_sample))
    return gateway_pb2.SessionEvent(transcript=gateway_pb2.Transcript(revision=revision))


@pytest.fixture
def captions() -> Captions:
    """News at 1, 2 and 6 s; what came at 5 s had been seen."""
    captions = Captions()
    for end_sample, now in ((100, 1.0), (200, 2.0), (150, 5.0), (300, 6.0)):
        captions.receive(transcript(end_sample), now)
    return captions


def test_only_what_reaches_further_is_news(captions: Captions) -> None:
    """A transcript that comes again after a fault does not end the wait for captions."""
    assert captions.news_at == [1.0, 2.0, 6.0]
    assert captions.pauses == [1.0, 4.0]


def test_the_wait_ends_with_the_next_news(captions: Captions) -> None:
    """From the moment when all is well again; None where nothing came any more."""
    assert captions.wait_after(4.5) == 1.5
    assert captions.wait_after(6.0) is None


def test_the_pause_counts_from_the_beginning_of_the_fault(captions: Captions) -> None:
    """The longest stretch without news until captions have gone on after the fault's end."""
    assert captions.longest_pause(1.5, 4.5) == 4.0
    assert captions.longest_pause(3.0, 3.5) == 3.0
    assert captions.longest_pause(3.0, 6.5) is None
