"""The audio of Riva calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from riva.client.proto import riva_asr_pb2, riva_audio_pb2

from gateway.riva.audio import RivaAudio
from livetranslate.v1 import types_pb2

CONTAINER = types_pb2.AUDIO_ENCODING_CONTAINER
PCM = types_pb2.AUDIO_ENCODING_PCM_S16LE
SNIFFED = types_pb2.AUDIO_ENCODING_UNSPECIFIED


def audio_of(encoding: int = riva_audio_pb2.ENCODING_UNSPECIFIED, rate: int = 0, channels: int = 0) -> RivaAudio:
    config = riva_asr_pb2.RecognitionConfig(encoding=encoding, sample_rate_hertz=rate, audio_channel_count=channels)
    return RivaAudio(config)


@pytest.mark.parametrize(
    ("encoding", "rate", "head", "expected"),
    [
        pytest.param(riva_audio_pb2.ENCODING_UNSPECIFIED, 0, b"RIFF....", CONTAINER, id="nothing-said"),
        pytest.param(riva_audio_pb2.LINEAR_PCM, 16_000, b"RIFF....", CONTAINER, id="header-before-pcm"),
        pytest.param(riva_audio_pb2.MULAW, 8_000, b"RIFF....", CONTAINER, id="header-before-mu-law"),
        pytest.param(riva_audio_pb2.ENCODING_UNSPECIFIED, 0, b"fLaC....", CONTAINER, id="flac-unsaid"),
        pytest.param(riva_audio_pb2.FLAC, 0, b"????....", CONTAINER, id="flac-said"),
        pytest.param(riva_audio_pb2.OGGOPUS, 0, b"OggS....", CONTAINER, id="ogg"),
        pytest.param(riva_audio_pb2.ENCODING_UNSPECIFIED, 0, b"ID3.....", SNIFFED, id="perhaps-mp3"),
        pytest.param(riva_audio_pb2.ENCODING_UNSPECIFIED, 16_000, b"\xff\xfb......", PCM, id="pcm-that-looks-like-mp3"),
        pytest.param(riva_audio_pb2.LINEAR_PCM, 16_000, b"........", PCM, id="headerless"),
        pytest.param(riva_audio_pb2.MULAW, 0, b"........", PCM, id="mu-law"),
    ],
)
def test_the_first_bytes_tell(encoding: int, rate: int, head: bytes, expected: int) -> None:
    """A header wins over what the configuration says."""
    audio = audio_of(encoding, rate)
    list(audio.receive(head))
    assert audio.format is not None
    assert audio.format.encoding == expected


def test_headerless_audio_has_the_rate_and_channels_that_are_said() -> None:
    """And telephone audio the rate of telephones, unless another is said."""
    stereo = audio_of(riva_audio_pb2.LINEAR_PCM, 44_100, 2)
    list(stereo.receive(bytes(8)))
    assert stereo.format == types_pb2.AudioFormat(encoding=PCM, sample_rate_hertz=44_100, channel_count=2)
    phone = audio_of(riva_audio_pb2.ALAW)
    list(phone.receive(bytes(8)))
    assert phone.format == types_pb2.AudioFormat(encoding=PCM, sample_rate_hertz=8_000)


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(0, 40)))
def test_nothing_is_lost_however_it_is_cut(content: bytes, cuts: list[int]) -> None:
    """Also first messages of one byte, and empty ones."""
    audio = audio_of(riva_audio_pb2.LINEAR_PCM, 16_000)
    received, rest = b"", content
    for cut in cuts:
        received += b"".join(audio.receive(rest[:cut]))
        rest = rest[cut:]
    received += b"".join(audio.receive(rest))
    received += b"".join(audio.finish())
    assert received == content
    assert audio.format is not None


def test_a_file_in_one_message_comes_in_pieces() -> None:
    """A message of a session has at most 1 MiB."""
    pieces = list(audio_of(riva_audio_pb2.MULAW).receive(bytes(3_000_000)))
    assert max(map(len, pieces)) <= 1024 * 1024
    assert sum(map(len, pieces)) == 6_000_000
