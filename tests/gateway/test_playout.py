"""What was heard of one voice."""

from gateway.playout import Playout
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import tts_pb2
from livetranslate.wire import duration_of_samples


def chunk(clause: int, audio: bytes, playout_sample: int = 0) -> tts_pb2.SpeechAudio:
    return tts_pb2.SpeechAudio(
        segment_id="1",
        clause=clause,
        audio=audio,
        sample_rate_hertz=SAMPLE_RATE_HERTZ // 2,
        playout_offset=duration_of_samples(playout_sample),
    )


def test_what_was_heard_is_left_out() -> None:
    """However a new stream cuts its chunks, each sample is heard once; another clause is heard from its beginning."""
    playout = Playout()
    heard = playout.unheard(chunk(0, b"abcd"))
    playout.begin_again()
    heard += b"".join(playout.unheard(chunk(0, audio)) for audio in (b"ab", b"cdef", b"gh"))
    assert heard == b"abcdefgh"
    assert playout.unheard(chunk(1, b"ij")) == b"ij"


def test_speech_ends_where_the_last_closed_clause_does() -> None:
    """The end counts in the session's samples, once, and only for clauses that are over."""
    playout = Playout(spoken_sample=3)
    playout.unheard(chunk(0, b"abcd", playout_sample=10))
    assert playout.spoken_sample == 3
    playout.begin_again()
    playout.unheard(chunk(0, b"abcd", playout_sample=10))
    playout.unheard(chunk(0, b"ef", playout_sample=14))
    playout.close()
    assert playout.spoken_sample == 16
    playout.close()
    assert playout.spoken_sample == 16
    playout.unheard(chunk(1, b"", playout_sample=20))
    playout.close()
    assert playout.spoken_sample == 20
