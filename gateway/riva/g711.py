"""Telephone audio: the two companding laws of ITU-T G.711, a byte to a sample of 16 bits."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HERTZ: Final = 8_000  # what the recommendation has

_BIAS = 0x84


def expanded(audio: bytes, table: NDArray[np.int16]) -> bytes:
    """The samples as s16le: twice as many bytes."""
    return table[np.frombuffer(audio, np.uint8)].astype("<i2").tobytes()


@cache
def mu_law() -> NDArray[np.int16]:
    """The sample of each byte by the µ-law of North America and Japan."""
    codes = ~np.arange(256, dtype=np.uint8)
    exponents, mantissas = _parts(codes)
    sizes = (((mantissas << 3) + _BIAS) << exponents) - _BIAS
    return np.where(codes & 0x80, -sizes, sizes).astype(np.int16)


@cache
def a_law() -> NDArray[np.int16]:
    """The sample of each byte by the A-law of the rest of the world."""
    codes = np.arange(256, dtype=np.uint8) ^ np.uint8(0x55)
    exponents, mantissas = _parts(codes)
    steps = (mantissas << 4) + np.where(exponents, 0x108, 8)
    sizes = steps << np.maximum(exponents - 1, 0)
    return np.where(codes & 0x80, sizes, -sizes).astype(np.int16)


def _parts(codes: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    wide = codes.astype(np.int32)
    return (wide >> 4) & 7, wide & 0x0F
