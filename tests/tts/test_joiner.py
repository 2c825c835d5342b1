"""Small pieces of speech joined to larger ones."""

from hypothesis import given
from hypothesis import strategies as st

from tts.joiner import Joiner
from tts.utterance import Sound


def test_the_first_piece_goes_at_once() -> None:
    """However short the first piece is, it is not held back; the second is."""
    joiner = Joiner(100)
    assert joiner.add(Sound(b"ab", 0.1)) == Sound(b"ab", 0.1)
    assert joiner.add(Sound(b"cd", 0.2)) is None
    assert joiner.rest() == Sound(b"cd", 0.2)


def test_an_empty_piece_is_not_the_first() -> None:
    """A piece without samples is not sent by itself."""
    joiner = Joiner(100)
    assert joiner.add(Sound(b"")) is None
    assert joiner.add(Sound(b"ab")) == Sound(b"ab")


@given(st.lists(st.binary(max_size=40)))
def test_nothing_is_lost(pieces: list[bytes]) -> None:
    """Whatever the pieces, their samples come out in order, and only the first and the last chunk may be short."""
    joiner = Joiner(50)
    chunks = [chunk.samples for piece in pieces if (chunk := joiner.add(Sound(piece))) is not None]
    assert all(len(chunk) >= 50 for chunk in chunks[1:])
    assert all(chunks)
    assert b"".join(chunks) + joiner.rest().samples == b"".join(pieces)
