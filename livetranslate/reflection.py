"""Server reflection that also knows methods: ghz asks for `package.Service.Method`, other tools for the service."""

from typing import Any, Final

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from grpc_reflection.v1alpha import reflection

SERVICE_NAME: Final = reflection.SERVICE_NAME


def enable_reflection(server: grpc.aio.Server, *service_names: str) -> None:
    """Let clients ask a server for its services, by their full proto names, and for their messages."""
    reflection.enable_server_reflection([*service_names, SERVICE_NAME], server, _Pool())


class _Pool:
    """The descriptors of all generated code; unlike the library's own pool it finds the file of a method, too."""

    def __init__(self) -> None:
        self._pool = descriptor_pool.Default()

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        """The file that declares a symbol.

        Raises:
            KeyError: Nothing has this name.
        """
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            return self._pool.FindMethodByName(symbol).containing_service.file

    def __getattr__(self, name: str) -> Any:
        """Whatever else the library asks a pool for."""
        return getattr(self._pool, name)
