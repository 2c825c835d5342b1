"""mt in front of a real Triton and Apertium."""

import grpc

from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import LoadMeter
from livetranslate.server import Server
from livetranslate.stack.triton import Triton
from livetranslate.triton import TritonClient
from livetranslate.v1 import mt_pb2, mt_pb2_grpc, types_pb2
from mt.service import MtService
from mt.settings import MtSettings
from mt.translator import TritonTranslator


async def test_a_session_is_translated(triton: Triton, triton_client: TritonClient) -> None:
    """Drafts and finals are translated by the engine that Triton serves, and an unknown target is refused."""
    settings = MtSettings(listen="127.0.0.1:0", triton_url=triton.grpc_address, drain_seconds=0)
    server = Server(settings, "livetranslate.v1.MtService")
    translate = TritonTranslator(triton_client, settings).translate
    service = MtService(settings, ModelDirectory(triton_client, "mt"), translate, server.drain, LoadMeter())
    mt_pb2_grpc.add_MtServiceServicer_to_server(service, server.grpc)
    port = await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            received = await _session(mt_pb2_grpc.MtServiceStub(channel))
    finally:
        await server.stop()
    drafts = [answer.revision for answer in received if answer.revision.unstable_text]
    finals = [answer.revision for answer in received if answer.revision.is_final]
    notices = [answer.notice for answer in received if answer.HasField("notice")]
    assert [revision.unstable_text for revision in drafts] == ["buenos días"]
    assert [revision.committed_text for revision in finals] == ["Tenemos tres opciones", "", "Tenemos un gato"]
    assert {revision.model for revision in finals} == {"mt_apertium"}
    assert [(notice.code, notice.language_code) for notice in notices] == [(types_pb2.NOTICE_CODE_TARGET_REFUSED, "xx")]


async def _session(stub: "mt_pb2_grpc.MtServiceAsyncStub") -> list[mt_pb2.StreamingTranslateResponse]:
    request = mt_pb2.StreamingTranslateRequest
    call = stub.StreamingTranslate()
    await call.write(
        request(
            config=mt_pb2.TranslationConfig(
                source_language_code="en-GB", targets=[mt_pb2.TranslationTarget(language_code="es")]
            )
        )
    )
    await call.write(request(segment=mt_pb2.SourceSegment(segment_id="1", unstable_text="good morning")))
    received = [await call.read()]
    await call.write(request(segment=_final("1", "we have three options")))
    await call.write(
        request(
            targets=mt_pb2.TranslationTargets(
                targets=[mt_pb2.TranslationTarget(language_code=code) for code in ("es", "xx")]
            )
        )
    )
    await call.write(request(segment=_final("2", "")))
    await call.write(request(segment=_final("3", "we have a cat")))
    await call.done_writing()
    while (answer := await call.read()) is not grpc.aio.EOF:
        received.append(answer)
    return [answer for answer in received if isinstance(answer, mt_pb2.StreamingTranslateResponse)]


def _final(segment_id: str, text: str) -> mt_pb2.SourceSegment:
    return mt_pb2.SourceSegment(segment_id=segment_id, committed_text=text, is_final=True)
