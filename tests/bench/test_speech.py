from itertools import islice

from bench.speech import CHUNK_BYTES, chunks, recording


def test_recording_is_whole_chunks() -> None:
    """The bundled recording is long enough to have pauses, and no chunk of it is short."""
    assert len(recording()) > 100 * CHUNK_BYTES
    assert len(recording()) % CHUNK_BYTES == 0


def test_chunks_go_round() -> None:
    """From any chunk on, the audio is repeated without a gap."""
    first, second = b"1" * CHUNK_BYTES, b"2" * CHUNK_BYTES
    assert list(islice(chunks(first + second, 3), 3)) == [second, first, second]
