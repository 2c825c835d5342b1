"""Runs the asr service: `python -m asr`."""

import sys
from concurrent.futures import ThreadPoolExecutor

from asr.classifier import Classifier
from asr.metrics import show_from_start, show_slots
from asr.service import AsrService
from asr.settings import AsrSettings
from asr.styles import Recognizers
from asr.vad import VoiceActivityDetector
from livetranslate.breakers import Breakers
from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import measuring
from livetranslate.main import run_service
from livetranslate.model_queues import ModelQueues
from livetranslate.server import Server, serve
from livetranslate.triton import TritonClient, dependencies
from livetranslate.v1 import asr_pb2_grpc


async def run(settings: AsrSettings) -> None:
    breakers = Breakers(*dependencies(settings.keeper))
    triton = TritonClient(settings.triton_url, breakers, settings.keeper)
    try:
        await triton.wait_until_ready(settings.triton_wait_seconds)
        directory = ModelDirectory(triton, "asr")
        await directory.models()  # known from here on, also while Triton is away
        server = Server(settings, "livetranslate.v1.AsrService", breakers=breakers)
        detector = VoiceActivityDetector(settings.gate_dbfs)
        recognizers = Recognizers(triton, settings)
        show_slots(recognizers.slots)
        show_from_start()
        queue_waits = (ModelQueues(triton).wait_seconds, recognizers.slot_wait_seconds)
        with ThreadPoolExecutor(settings.vad_threads, "vad") as vad_threads:
            async with measuring(*queue_waits) as meter:
                service = AsrService(
                    directory,
                    recognizers,
                    classify=Classifier(detector.classify_together, vad_threads).classify,
                    vad_threads=vad_threads,
                    drain=server.drain,
                    meter=meter,
                )
                asr_pb2_grpc.add_AsrServiceServicer_to_server(service, server.grpc)
                await serve(server)
    finally:
        await triton.close()


def main() -> int:
    return run_service("asr", AsrSettings, run)


if __name__ == "__main__":
    sys.exit(main())
