"""What is kept of a speaker's speech, for a voice that imitates them."""

from gateway.reference import Reference
from tests.gateway.bodies import SECOND


def speech(seconds: float, sample: bytes = b"ab") -> bytes:
    return sample * round(seconds * SECOND)


def test_it_is_there_once_it_is_long_enough() -> None:
    """Stretches of speech add up; from then on nothing more is taken."""
    reference = Reference(is_wanted=True)
    reference.receive_speech(3 * SECOND, speech(3))
    assert reference.audio == b""
    assert reference.lacks(4 * SECOND)
    reference.receive_speech(7 * SECOND, speech(2, b"cd"))
    assert reference.audio == speech(3) + speech(2, b"cd")
    assert not reference.lacks(8 * SECOND)


def test_it_is_never_long() -> None:
    """The longest segment is not kept whole."""
    reference = Reference(is_wanted=True)
    reference.receive_speech(60 * SECOND, speech(60))
    assert len(reference.audio) == len(speech(15))


def test_what_is_told_twice_is_taken_once() -> None:
    """A recognizer that begins anew tells segments again."""
    reference = Reference(is_wanted=True)
    reference.receive_speech(3 * SECOND, speech(3))
    assert not reference.lacks(0)
    assert reference.lacks(3 * SECOND)


def test_without_consent_nothing_is_needed() -> None:
    """Not a sample is kept of whoever has not agreed."""
    assert not Reference().lacks(0)
