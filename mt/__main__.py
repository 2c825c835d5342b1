"""Runs the mt service: `python -m mt`."""

import sys

from livetranslate.breakers import Breakers
from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import measuring
from livetranslate.main import run_service
from livetranslate.model_queues import ModelQueues
from livetranslate.server import Server, serve
from livetranslate.triton import TritonClient, dependencies
from livetranslate.v1 import mt_pb2_grpc
from mt.metrics import show_from_start
from mt.service import MtService
from mt.settings import MtSettings
from mt.translator import TritonTranslator

_PREPARED_LANGUAGES = 12  # some 40 MB and 0.2 s each; of models with more, those that are asked for


async def run(settings: MtSettings) -> None:
    breakers = Breakers(*dependencies(settings.keeper))
    triton = TritonClient(settings.triton_url, breakers, settings.keeper)
    try:
        await triton.wait_until_ready(settings.triton_wait_seconds)
        directory = ModelDirectory(triton, "mt")
        models = await directory.models()  # known from here on, also while Triton is away
        server = Server(settings, "livetranslate.v1.MtService", breakers=breakers)
        show_from_start()
        translator = TritonTranslator(triton, settings)
        languages = {language for model in models for pair in model.language_pairs for language in pair}
        if len(languages) <= _PREPARED_LANGUAGES:
            await translator.prepare(languages)
        async with measuring(ModelQueues(triton).wait_seconds) as meter:
            service = MtService(settings, directory, translator.translate, server.drain, meter)
            mt_pb2_grpc.add_MtServiceServicer_to_server(service, server.grpc)
            await serve(server)
    finally:
        await triton.close()


def main() -> int:
    return run_service("mt", MtSettings, run)


if __name__ == "__main__":
    sys.exit(main())
