import asyncio
import time
from collections.abc import AsyncIterator

import grpc
import pytest

from bench.capacity.visit import Record, Visit, play
from livetranslate.errors import ResourceExhaustedError
from livetranslate.interceptor import StatusInterceptor
from livetranslate.v1 import gateway_pb2

Requests = AsyncIterator[gateway_pb2.StreamingTranslateSpeechRequest]


class Gateway:
    """Refuses the first ones who come, then listens and sums up."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.heard = 0

    async def translate(
        self, requests: Requests, context: object
    ) -> AsyncIterator[gateway_pb2.StreamingTranslateSpeechResponse]:
        del context
        if self.refusals:
            self.refusals -= 1
            error = ResourceExhaustedError("SERVER_BUSY", "Come again.")
            error.retry_seconds = 0.05
            raise error
        async for request in requests:
            self.heard += len(request.audio)
        event = gateway_pb2.SessionEvent(summary=gateway_pb2.SessionSummary())
        yield gateway_pb2.StreamingTranslateSpeechResponse(event=event)


async def played(gateway: Gateway, *, patience_seconds: float) -> tuple[Visit, Record]:
    """A visit of three chunks to a gateway."""
    server = grpc.aio.server(interceptors=[StatusInterceptor()])
    handler = grpc.stream_stream_rpc_method_handler(
        gateway.translate,
        gateway_pb2.StreamingTranslateSpeechRequest.FromString,
        gateway_pb2.StreamingTranslateSpeechResponse.SerializeToString,
    )
    handlers = {"StreamingTranslateSpeech": handler}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("livetranslate.v1.LiveTranslateService", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    now = time.monotonic()
    visit = Visit(0, now, now + 1.05, until=now + patience_seconds)
    record = await play(f"127.0.0.1:{port}", visit)
    await server.stop(grace=None)
    return visit, record


@pytest.mark.parametrize("refusals", [0, 2])
def test_who_is_refused_comes_again(refusals: int) -> None:
    """When it was told to; its audio begins when it is let in, and is spoken in real time."""
    gateway = Gateway(refusals)
    _, record = asyncio.run(played(gateway, patience_seconds=30))
    assert not record.failure
    assert len(record.answers) == 1
    assert gateway.heard == 3_200 * record.visit.chunk_count > 0
    assert len(record.slips) == record.visit.chunk_count
    assert min(record.slips) >= 0
    assert record.ended_at >= record.visit.spoken_at(record.visit.chunk_count - 1)


def test_who_may_not_come_again_is_refused() -> None:
    """With the reason, and what it was told."""
    visit, record = asyncio.run(played(Gateway(1), patience_seconds=-1))
    assert record.is_refused
    assert (record.failure, record.retry_seconds) == ("SERVER_BUSY", 0.05)
    assert record.visit == visit


def test_where_nobody_answers_it_fails() -> None:
    """Not as a refusal: there is nothing to come again for."""
    now = time.monotonic()
    record = asyncio.run(play("127.0.0.1:1", Visit(0, now, now + 0.1, until=now + 10)))
    assert record.failure == "UNAVAILABLE"
    assert not record.is_refused
