import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.memory import MAX_DECODER_STATE_BYTES, Memory
from asr.vad import VadState
from livetranslate.errors import InvalidArgumentError

MEMORY = Memory(512, b"heard", b"mean", "en", "es", is_sentence_open=True)
LANGUAGES = st.sampled_from(["", "en", "pt-BR", "zh-Hant"])


@given(
    st.builds(
        Memory,
        st.integers(0, 1 << 31),
        st.binary(max_size=1300),
        st.binary(max_size=2000),
        LANGUAGES,
        LANGUAGES,
        st.booleans(),
    )
)
def test_is_read_as_it_was_written(memory: Memory) -> None:
    """Everything remembered comes back."""
    assert Memory.from_bytes(memory.to_bytes()) == memory


def test_nothing_is_the_beginning() -> None:
    """A session begins with an empty state."""
    assert Memory.from_bytes(b"") == Memory()


def test_fits_into_its_bound() -> None:
    """The largest states together stay within 4 KiB."""
    vad_state = VadState(0, bytes(4 * 320))
    memory = Memory(1 << 31, vad_state.to_bytes(), bytes(MAX_DECODER_STATE_BYTES), "x" * 35, "x" * 35)
    assert len(memory.to_bytes()) <= 4096


@given(st.binary(min_size=1, max_size=100))
def test_garbage_is_refused(garbage: bytes) -> None:
    """What was not written here is refused by name."""
    with pytest.raises(InvalidArgumentError) as refusal:
        Memory.from_bytes(garbage)
    assert refusal.value.reason == "STATE_INVALID"


@given(st.integers(0, len(MEMORY.to_bytes()) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(index: int, change: int) -> None:
    """A state that was changed anywhere on its way is refused."""
    state = bytearray(MEMORY.to_bytes())
    state[index] ^= change
    with pytest.raises(InvalidArgumentError):
        Memory.from_bytes(bytes(state))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(struct.pack("<BIHH", 1, 0, 0, 0), id="older-and-shorter"),
        pytest.param(struct.pack("<BI?HHBB", 3, 0, False, 0, 0, 0, 0), id="newer"),
        pytest.param(struct.pack("<BI?HHBB", 2, 0, False, 0, 1, 0, 0), id="too-short"),
        pytest.param(struct.pack("<BI?HHBB", 2, 0, False, 0, 0, 0, 0) + b"x", id="too-long"),
    ],
)
def test_another_version_is_refused(body: bytes) -> None:
    """A state of another version, or of sizes that are not its own, is refused though its checksum is right."""
    with pytest.raises(InvalidArgumentError):
        Memory.from_bytes(body + struct.pack("<I", zlib.crc32(body)))
