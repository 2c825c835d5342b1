"""Opens the door: Riva's three services on the gateway's own server."""

from concurrent.futures import Executor

import grpc
from riva.client.proto import (
    riva_asr_pb2,
    riva_asr_pb2_grpc,
    riva_nmt_pb2,
    riva_nmt_pb2_grpc,
    riva_tts_pb2,
    riva_tts_pb2_grpc,
)

from gateway.capabilities import Hops
from gateway.riva.call import Serve
from gateway.riva.recognition import RivaSpeechRecognition
from gateway.riva.synthesis import RivaSpeechSynthesis
from gateway.riva.translation import RivaTranslation
from livetranslate.server import Drain

SERVICE_NAMES = [
    service.full_name
    for messages in (riva_asr_pb2, riva_nmt_pb2, riva_tts_pb2)
    for service in messages.DESCRIPTOR.services_by_name.values()
]
"""For health and reflection."""


def open_door(
    server: grpc.aio.Server,
    serve: Serve,
    hops: Hops,
    *,
    codec_threads: Executor,
    drain: Drain,
    stall_seconds: float,
) -> None:
    """Add the services to a server that has not started.

    Args:
        server: The gateway's.
        serve: Runs a session.
        hops: The services behind.
        codec_threads: Encode and resample speech.
        drain: The server's: it waits for what is under way.
        stall_seconds: How long a client may leave an answer unread.
    """
    recognition = RivaSpeechRecognition(serve, hops, stall_seconds=stall_seconds)
    riva_asr_pb2_grpc.add_RivaSpeechRecognitionServicer_to_server(recognition, server)
    translation = RivaTranslation(serve, hops, codec_threads, drain, stall_seconds=stall_seconds)
    riva_nmt_pb2_grpc.add_RivaTranslationServicer_to_server(translation, server)
    synthesis = RivaSpeechSynthesis(hops, codec_threads, drain, stall_seconds=stall_seconds)
    riva_tts_pb2_grpc.add_RivaSpeechSynthesisServicer_to_server(synthesis, server)
