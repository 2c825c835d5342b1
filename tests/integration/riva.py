"""What the tests with NVIDIA's own client share."""

import io
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray
from riva import client as riva_client

from livetranslate.samples import SAMPLE_RATE_HERTZ

CHUNK_BYTES = 3_200


@contextmanager
def riva_connection(address: str) -> Iterator[Any]:
    """A connection as Riva's client opens it."""
    auth = riva_client.Auth(uri=address)
    yield auth
    auth.channel.close()


def streaming_config(*, interim_results: bool = True, **options: Any) -> Any:
    """A configuration for headerless 16 kHz audio, unless it says otherwise."""
    given = {"encoding": riva_client.AudioEncoding.LINEAR_PCM, "sample_rate_hertz": SAMPLE_RATE_HERTZ, **options}
    return riva_client.StreamingRecognitionConfig(
        config=riva_client.RecognitionConfig(**given), interim_results=interim_results
    )


def results_of(responses: Iterable[Any]) -> list[Any]:
    """All results, in order."""
    return [result for response in responses for result in response.results]


def finals_of(responses: Iterable[Any]) -> list[str]:
    """The final texts."""
    return [result.alternatives[0].transcript for result in results_of(responses) if result.is_final]


def wav(samples: NDArray[np.int16]) -> bytes:
    """A file with a RIFF header, 16 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE_HERTZ)
        writer.writeframes(samples.tobytes())
    return file.getvalue()


@contextmanager
def refused(code: grpc.StatusCode, says: str = "") -> Iterator[None]:
    """The block ends with this status."""
    with pytest.raises(grpc.RpcError) as raised:
        yield
    assert raised.value.code() is code
    assert says in (raised.value.details() or "")
