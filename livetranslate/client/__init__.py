"""The Python SDK: stream audio in, iterate captions, translations and speech out.

It needs only grpcio and protobuf. Ten lines are a program:

    async with AsyncClient("localhost:50051") as client:
        async for event in client.translate(chunks, source="en", targets=["es"], sample_rate_hertz=16_000):
            if event.HasField("translation") and event.translation.revision.is_final:
                print(event.translation.revision.committed_text)

A session survives: when its connection breaks, the client gets another one, to the next of the server's addresses, and
the loop goes on where it was. `Client` translates, watches and reads stored sessions without asyncio. Events are
`livetranslate.v1.gateway_pb2.SessionEvent`s.
"""

from livetranslate.client.aio import AsyncClient
from livetranslate.client.errors import TranslateError
from livetranslate.client.recovery import ConnectionEvent
from livetranslate.client.requests import SessionOptions
from livetranslate.client.session import AsyncSession
from livetranslate.client.sync import Client

__all__ = ["AsyncClient", "AsyncSession", "Client", "ConnectionEvent", "SessionOptions", "TranslateError"]
