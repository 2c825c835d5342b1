"""The machine translation of what was really said: the best that can be hoped for of the same engine."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from bench.quality.measures import TranslateAll
from livetranslate.v1 import mt_pb2, mt_pb2_grpc

_BATCH_SIZE = 100  # the most that one request may have


@contextmanager
def translator(mt_address: str, source: str, target: str) -> Iterator[TranslateAll]:
    """Translates sentence by sentence by the mt service at `mt_address`."""
    with grpc.insecure_channel(mt_address) as channel:
        stub = mt_pb2_grpc.MtServiceStub(channel)

        def translate_all(texts: list[str]) -> list[str]:
            batches = (texts[start : start + _BATCH_SIZE] for start in range(0, len(texts), _BATCH_SIZE))
            requests = (
                mt_pb2.TranslateTextRequest(texts=batch, source_language_code=source, target_language_code=target)
                for batch in batches
            )
            return [text for request in requests for text in stub.TranslateText(request).translations]

        yield translate_all
