"""Runs the tts service: `python -m tts`."""

import sys

from livetranslate.directory import ModelDirectory
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.triton import TritonClient
from livetranslate.v1 import tts_pb2_grpc
from tts.service import TtsService
from tts.settings import TtsSettings
from tts.synthesizer import TritonSynthesizer


async def run(settings: TtsSettings) -> None:
    triton = TritonClient(settings.triton_url)
    try:
        await triton.wait_until_ready(settings.triton_wait_seconds)
        server = Server(settings, "livetranslate.v1.TtsService")
        synthesizer = TritonSynthesizer(triton, settings)
        service = TtsService(settings, ModelDirectory(triton, "tts"), synthesizer.synthesize, server.drain)
        tts_pb2_grpc.add_TtsServiceServicer_to_server(service, server.grpc)
        await serve(server)
    finally:
        await triton.close()


def main() -> int:
    return run_service("tts", TtsSettings, run)


if __name__ == "__main__":
    sys.exit(main())
