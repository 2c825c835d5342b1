import numpy as np

from asr.audio_buffer import AudioBuffer


def samples(*values: int) -> bytes:
    return np.array(values, np.int16).tobytes()


def test_reads_by_sample_number() -> None:
    """Samples are addressed by their number in the session, also when it does not begin at zero."""
    buffer = AudioBuffer(100)
    buffer.append(samples(1, 2))
    buffer.append(samples(3, 4))
    assert buffer.end == 104
    assert buffer.read(101, 103).tolist() == [2, 3]


def test_forgets_what_lies_before() -> None:
    """What was forgotten leaves the rest where it was."""
    buffer = AudioBuffer()
    buffer.append(samples(1, 2, 3, 4))
    buffer.forget_before(2)
    buffer.forget_before(1)
    assert buffer.read(2, 4).tolist() == [3, 4]
    assert buffer.end == 4


def test_forgets_no_more_than_there_is() -> None:
    """Audio that has not come yet cannot be forgotten."""
    buffer = AudioBuffer()
    buffer.append(samples(1, 2))
    buffer.forget_before(10)
    buffer.append(samples(3))
    assert buffer.end == 3
    assert buffer.read(2, 3).tolist() == [3]


def test_reads_copies() -> None:
    """What was read stays as it was when the buffer moves on."""
    buffer = AudioBuffer()
    buffer.append(samples(1, 2))
    read = buffer.read(0, 2)
    buffer.append(samples(3))
    buffer.forget_before(2)
    assert read.tolist() == [1, 2]
