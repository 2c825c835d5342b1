"""Runs the mt service: `python -m mt`."""

import sys

from livetranslate.directory import ModelDirectory
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.triton import TritonClient
from livetranslate.v1 import mt_pb2_grpc
from mt.service import MtService
from mt.settings import MtSettings
from mt.translator import TritonTranslator


async def run(settings: MtSettings) -> None:
    triton = TritonClient(settings.triton_url)
    try:
        await triton.wait_until_ready(settings.triton_wait_seconds)
        server = Server(settings, "livetranslate.v1.MtService")
        translator = TritonTranslator(triton, settings)
        service = MtService(settings, ModelDirectory(triton, "mt"), translator.translate, server.drain)
        mt_pb2_grpc.add_MtServiceServicer_to_server(service, server.grpc)
        await serve(server)
    finally:
        await triton.close()


def main() -> int:
    return run_service("mt", MtSettings, run)


if __name__ == "__main__":
    sys.exit(main())
