from collections.abc import AsyncIterator

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from livetranslate.reflection import SERVICE_NAME, enable_reflection
from livetranslate.v1 import mt_pb2

MT = mt_pb2.DESCRIPTOR.services_by_name["MtService"].full_name


@pytest.fixture
async def ask() -> AsyncIterator[reflection_pb2_grpc.ServerReflectionStub]:
    """A server that tells of mt, and a client of it."""
    server = grpc.aio.server()
    enable_reflection(server, MT)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield reflection_pb2_grpc.ServerReflectionStub(channel)
    await server.stop(grace=None)


async def answer(
    stub: reflection_pb2_grpc.ServerReflectionStub, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    """The answer to one question."""
    call = stub.ServerReflectionInfo()
    await call.write(request)
    await call.done_writing()
    response = await call.read()
    assert isinstance(response, reflection_pb2.ServerReflectionResponse)
    return response


@pytest.mark.parametrize("symbol", [MT, f"{MT}.TranslateText", "livetranslate.v1.TranslateTextRequest"])
async def test_services_methods_and_messages_are_found(
    ask: reflection_pb2_grpc.ServerReflectionStub, symbol: str
) -> None:
    """Each in the file that declares it."""
    found = await answer(ask, reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol))
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(file)
        for file in found.file_descriptor_response.file_descriptor_proto
    ]
    assert "livetranslate/v1/mt.proto" in {file.name for file in files}


@pytest.mark.parametrize("symbol", [f"{MT}.Nothing", "nowhere.Service", ""])
async def test_what_is_not_there_is_not_found(ask: reflection_pb2_grpc.ServerReflectionStub, symbol: str) -> None:
    """The stream goes on, with an answer that says so."""
    found = await answer(ask, reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol))
    assert found.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_services_are_listed(ask: reflection_pb2_grpc.ServerReflectionStub) -> None:
    """Reflection itself among them."""
    found = await answer(ask, reflection_pb2.ServerReflectionRequest(list_services=""))
    assert {service.name for service in found.list_services_response.service} == {MT, SERVICE_NAME}
