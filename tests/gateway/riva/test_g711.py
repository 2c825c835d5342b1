"""Telephone audio."""

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.riva.g711 import a_law, expanded, mu_law


@pytest.mark.parametrize(("codec", "table"), [("pcm_mulaw", mu_law()), ("pcm_alaw", a_law())])
def test_all_bytes_are_as_ffmpeg_decodes_them(codec: str, table: NDArray[np.int16]) -> None:
    """The tables are those of the recommendation."""
    codes = bytes(range(256))
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate = 8_000
    decoder.layout = "mono"
    [frame] = decoder.decode(av.Packet(codes))
    samples = np.frombuffer(expanded(codes, table), "<i2")
    assert samples.tolist() == frame.to_ndarray().reshape(-1).tolist()
