"""The audio door: every accepted format, however it is cut, and everything that is not one."""

import gc
import io
import threading
import wave
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livetranslate.audio import AudioFormat, Encoding, decode_file, open_decoder
from livetranslate.errors import InvalidArgumentError

CLIP_SECONDS = 1.2
CONTAINERS = {
    "wav": ("wav", "pcm_s16le", 48_000),
    "flac": ("flac", "flac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "ogg": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
}
PROMISING = ["wav", "flac", "ogg", "webm"]  # MP3 does not say how long it is


def tone(sample_rate_hertz: int, seconds: float = CLIP_SECONDS) -> NDArray[np.int16]:
    """A 440 Hz tone at about a third of full scale."""
    times = np.arange(round(sample_rate_hertz * seconds)) / sample_rate_hertz
    samples: NDArray[np.int16] = np.rint(np.sin(2 * np.pi * 440 * times) * 10_000).astype(np.int16)
    return samples


@cache
def encoded(name: str, channel_count: int = 2) -> bytes:
    """The tone in a container."""
    container_format, codec, rate = CONTAINERS[name]
    layout = "stereo" if channel_count == 2 else "mono"
    file = io.BytesIO()
    options = {"page_duration": "20000"} if name == "ogg" else {}
    with av.open(file, "w", format=container_format, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        samples = np.repeat(tone(rate), channel_count).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        context = stream.codec_context
        framer = av.AudioResampler(context.format, layout, rate, frame_size=context.frame_size or 1024)
        for part in (*framer.resample(frame), *framer.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def decode(pieces: list[bytes], audio_format: AudioFormat | None = None) -> tuple[NDArray[np.int16], bool]:
    """All samples, and whether the end was damaged."""
    decoder = open_decoder(audio_format or AudioFormat())
    try:
        parts = [part for piece in pieces for part in decoder.feed(piece)]
        parts += decoder.finish()
        return np.concatenate([np.empty(0, np.int16), *parts]), decoder.truncated
    finally:
        decoder.close()


def loudest_hertz(samples: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.fft.rfftfreq(samples.size, 1 / 16_000)[spectrum.argmax()])


def decoder_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "audio decoder"]


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    gc.collect()
    for forgotten in decoder_threads():  # by a test before, whose decoder was garbage until now
        forgotten.join(5)
    yield
    assert not decoder_threads()


@pytest.mark.parametrize("channel_count", [1, 2])
@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_are_decoded_to_session_samples(name: str, channel_count: int) -> None:
    """Each container gives the tone it holds, at its pitch, loudness and length, and counts as whole."""
    samples, truncated = decode(pieces_of(encoded(name, channel_count), 3_000))
    assert samples.dtype == np.int16
    assert samples.size == pytest.approx(CLIP_SECONDS * 16_000, abs=1_200)  # MP3 pads
    assert loudest_hertz(samples) == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(samples.astype(float) ** 2)) == pytest.approx(10_000 / np.sqrt(2), rel=0.1)
    assert not truncated


@pytest.mark.parametrize("encoding", [Encoding.PCM_S16LE, Encoding.PCM_F32LE])
@pytest.mark.parametrize("channel_count", [1, 2, 8])
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_pcm_is_resampled_and_mixed_down(encoding: Encoding, channel_count: int, rate: int) -> None:
    """PCM of each rate and channel count keeps pitch, loudness and length."""
    samples = np.repeat(tone(rate), channel_count)
    data = samples if encoding is Encoding.PCM_S16LE else (samples / 32_768).astype("<f4")
    decoded, truncated = decode(pieces_of(data.tobytes(), 4_001), AudioFormat(encoding, rate, channel_count))
    assert decoded.size == pytest.approx(CLIP_SECONDS * 16_000, abs=1)
    assert loudest_hertz(decoded) == pytest.approx(440, abs=2)
    assert np.abs(decoded).max() == pytest.approx(10_000, rel=0.03)
    assert not truncated


def test_session_pcm_passes_through_without_a_copy() -> None:
    """16 kHz mono s16le comes out as a view of the bytes that went in."""
    data = tone(16_000).tobytes()
    (samples,) = open_decoder(AudioFormat(Encoding.PCM_S16LE, 16_000)).feed(data)
    assert np.shares_memory(samples, np.frombuffer(data, np.int16))


def test_channels_are_averaged() -> None:
    """Opposite channels cancel out."""
    mono = tone(16_000)
    stereo = np.stack([mono, -mono], axis=1)
    samples, _ = decode([stereo.tobytes()], AudioFormat(Encoding.PCM_S16LE, 16_000, 2))
    assert not samples.any()


def test_bad_floats_are_silenced_or_clipped() -> None:
    """NaN becomes silence, and infinities and values out of range become full scale."""
    values = np.array([np.nan, np.inf, -np.inf, 3.0, -3.0, 0.5], "<f4")
    samples, _ = decode([values.tobytes()], AudioFormat(Encoding.PCM_F32LE, 16_000))
    assert samples.tolist() == [0, 32_767, -32_768, 32_767, -32_768, 16_384]


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(sorted(CONTAINERS)),
    st.lists(st.integers(1, 20_000), min_size=1, max_size=12),
)
def test_splits_of_a_container_make_no_difference(name: str, sizes: list[int]) -> None:
    """However the bytes are cut, the samples are the same."""
    data = encoded(name)
    cuts = [0, *np.cumsum(sizes).clip(max=len(data)).tolist(), len(data)]
    pieces = [data[start:end] for start, end in pairwise(cuts)]
    np.testing.assert_array_equal(decode(pieces)[0], decode([data])[0])


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([Encoding.PCM_S16LE, Encoding.PCM_F32LE]),
    st.sampled_from([8_000, 16_000, 44_100, 48_000]),
    st.integers(1, 8),
    st.lists(st.integers(1, 5_000), min_size=1, max_size=12),
)
def test_splits_of_pcm_make_no_difference(encoding: Encoding, rate: int, channels: int, sizes: list[int]) -> None:
    """However the bytes are cut, within a sample too, the samples are the same."""
    audio_format = AudioFormat(encoding, rate, channels)
    samples = np.repeat(tone(rate, 0.2), channels)
    data = (samples if encoding is Encoding.PCM_S16LE else (samples / 32_768).astype("<f4")).tobytes()
    cuts = [0, *np.cumsum(sizes).clip(max=len(data)).tolist(), len(data)]
    pieces = [data[start:end] for start, end in pairwise(cuts)]
    np.testing.assert_allclose(decode(pieces, audio_format)[0], decode([data], audio_format)[0], atol=1)


@pytest.mark.parametrize("name", PROMISING)
def test_a_cut_container_gives_everything_before_the_cut(name: str) -> None:
    """Most of a file gives most of the samples, unchanged, and says that it is truncated."""
    data = encoded(name)
    whole, _ = decode([data])
    most, truncated = decode([data[: len(data) * 4 // 5]])
    assert truncated
    assert whole.size * 0.4 < most.size < whole.size * 0.95
    np.testing.assert_allclose(most[:-200], whole[: most.size - 200], atol=1)


def test_pcm_that_ends_within_a_frame_is_truncated() -> None:
    """Half a sample at the end is left out and reported."""
    samples, truncated = decode([b"\1\0\2"], AudioFormat(Encoding.PCM_S16LE, 16_000))
    assert samples.tolist() == [1]
    assert truncated


GARBAGE = {
    "short": b"RI",
    "text": b"this is text and no audio",
    "zeros": bytes(5_000),
    "wav": b"RIFF" + bytes(5_000),
    "flac": b"fLaC" + bytes(5_000),
    "ogg": b"OggS" + b"\xa5" * 5_000,
    "webm": b"\x1aE\xdf\xa3" + b"\xa5" * 5_000,
    "tagged mp3": b"ID3" + b"\xa5" * 5_000,
    "mp3": b"\xff\xfb" + b"a" * 500,
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
@pytest.mark.parametrize("encoding", [Encoding.SNIFFED, Encoding.CONTAINER])
def test_garbage_is_refused(data: bytes, encoding: Encoding) -> None:
    """What is no audio ends with an error that tells what is accepted."""
    with pytest.raises(InvalidArgumentError, match="WAV, FLAC, MP3") as caught:
        decode(pieces_of(data, 700), AudioFormat(encoding))
    assert caught.value.reason == "AUDIO_UNDECODABLE"


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_a_cut_header_is_refused(name: str) -> None:
    """A container whose header is not whole cannot be decoded."""
    with pytest.raises(InvalidArgumentError) as caught:
        decode([encoded(name)[:20]])
    assert caught.value.reason == "AUDIO_UNDECODABLE"


def test_a_container_of_another_kind_of_audio_is_refused() -> None:
    """A codec outside the list is not decoded, though FFmpeg could."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(InvalidArgumentError, match="codec aac"):
        decode([file.getvalue()])


def test_a_header_without_samples_is_empty() -> None:
    """A WAV file of no samples has none, and is whole."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(16_000)
    samples, truncated = decode([file.getvalue()])
    assert samples.size == 0
    assert not truncated


def test_a_header_whose_samples_never_came_is_truncated() -> None:
    """The header of a longer WAV file, alone, has no samples and says that they are missing."""
    samples, truncated = decode([encoded("wav")[:100]])
    assert samples.size < 20
    assert truncated


@pytest.mark.parametrize("audio_format", [AudioFormat(), AudioFormat(Encoding.PCM_S16LE, 8_000)])
def test_no_bytes_are_no_samples(audio_format: AudioFormat) -> None:
    """An empty stream is not an error here."""
    samples, truncated = decode([], audio_format)
    assert samples.size == 0
    assert not truncated


@pytest.mark.parametrize(
    ("rate", "channels", "field"),
    [
        (7_999, 1, "sample_rate_hertz"),
        (48_001, 1, "sample_rate_hertz"),
        (0, 1, "sample_rate_hertz"),
        (16_000, 0, "channel_count"),
        (16_000, 9, "channel_count"),
    ],
)
@pytest.mark.parametrize("encoding", [Encoding.PCM_S16LE, Encoding.PCM_F32LE])
def test_a_wrong_format_is_refused(encoding: Encoding, rate: int, channels: int, field: str) -> None:
    """PCM out of range is refused with the field and its value."""
    with pytest.raises(InvalidArgumentError) as caught:
        AudioFormat(encoding, rate, channels)
    assert caught.value.reason == "AUDIO_FORMAT_INVALID"
    assert caught.value.metadata["field"] == field


def test_a_compressed_bomb_comes_in_small_parts() -> None:
    """A few bytes that expand to minutes are handed out part by part, as they are taken."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 4_608), np.int16), format="s16", layout="mono")
        silence.sample_rate = 48_000
        for _ in range(5_000):  # eight minutes
            container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    bomb = file.getvalue()
    assert len(bomb) < 100_000
    decoder = open_decoder(AudioFormat())
    sizes = [part.size for part in decoder.feed(bomb)]
    decoder.close()
    assert max(sizes) < 16_000
    assert sum(sizes) > 450 * 16_000


def test_tags_without_end_are_refused() -> None:
    """Bytes that never come to a sample are not collected for ever."""
    decoder = open_decoder(AudioFormat())
    list(decoder.feed(b"ID3\4\0\0\x7f\x7f\x7f\x7f"))
    for _ in range(16):
        list(decoder.feed(bytes(1_000_000)))
    with pytest.raises(InvalidArgumentError, match="no sample"):
        list(decoder.feed(bytes(1_000_000)))
    decoder.close()


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_a_decoder_can_be_closed_at_any_moment(name: str) -> None:
    """Closing in the middle of the bytes, and of their samples, ends the thread; closing again does nothing."""
    decoder = open_decoder(AudioFormat())
    samples = decoder.feed(encoded(name))
    next(samples, None)
    assert decoder_threads()
    decoder.close()
    decoder.close()
    assert not decoder_threads()


def test_a_forgotten_decoder_ends_its_thread() -> None:
    """A decoder that nobody closed leaves no thread once it is garbage."""
    decoder = open_decoder(AudioFormat())
    list(decoder.feed(encoded("flac")))
    (thread,) = decoder_threads()
    del decoder
    gc.collect()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_a_file_is_decoded(tmp_path: Path) -> None:
    """A file gives the samples that its bytes give."""
    path = tmp_path / "clip.flac"
    path.write_bytes(encoded("flac"))
    np.testing.assert_array_equal(np.concatenate(list(decode_file(path))), decode([encoded("flac")])[0])
