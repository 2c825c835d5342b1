"""Runs the tts service: `python -m tts`."""

import sys

from livetranslate.breakers import Breakers
from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import measuring
from livetranslate.main import run_service
from livetranslate.model_queues import ModelQueues
from livetranslate.server import Server, serve
from livetranslate.triton import TritonClient, dependencies
from livetranslate.v1 import tts_pb2_grpc
from tts.metrics import show_from_start
from tts.service import TtsService
from tts.settings import TtsSettings
from tts.synthesizer import TritonSynthesizer


async def run(settings: TtsSettings) -> None:
    breakers = Breakers(*dependencies(settings.keeper))
    triton = TritonClient(settings.triton_url, breakers, settings.keeper)
    try:
        await triton.wait_until_ready(settings.triton_wait_seconds)
        directory = ModelDirectory(triton, "tts")
        await directory.models()  # known from here on, also while Triton is away
        server = Server(settings, "livetranslate.v1.TtsService", breakers=breakers)
        show_from_start()
        synthesizer = TritonSynthesizer(triton, settings)
        async with measuring(ModelQueues(triton).wait_seconds) as meter:
            service = TtsService(settings, directory, synthesizer.synthesize, server.drain, meter)
            tts_pb2_grpc.add_TtsServiceServicer_to_server(service, server.grpc)
            await serve(server)
    finally:
        await triton.close()


def main() -> int:
    return run_service("tts", TtsSettings, run)


if __name__ == "__main__":
    sys.exit(main())
