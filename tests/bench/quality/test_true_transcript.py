from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

from bench.quality.true_transcript import translator
from livetranslate.v1 import mt_pb2, mt_pb2_grpc

MAX_TEXTS = 100


class Shouting(mt_pb2_grpc.MtServiceServicer):
    """Translates by writing in capitals, and refuses what mt refuses."""

    def TranslateText(
        self, request: mt_pb2.TranslateTextRequest, context: grpc.ServicerContext
    ) -> mt_pb2.TranslateTextResponse:
        if len(request.texts) > MAX_TEXTS:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "too many texts")
        return mt_pb2.TranslateTextResponse(translations=[text.upper() for text in request.texts])


@contextmanager
def served() -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    mt_pb2_grpc.add_MtServiceServicer_to_server(Shouting(), server)  # type: ignore[abstract]  # only this is asked for
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=0).wait()


def test_texts_are_translated_in_order_however_many_there_are() -> None:
    """More than one request may have are sent in several."""
    texts = [f"sentence {number}" for number in range(2 * MAX_TEXTS + 1)]
    with served() as address, translator(address, "en", "es") as translate_all:
        assert translate_all(texts) == [text.upper() for text in texts]
        assert translate_all([]) == []
