"""The one error of the SDK, and how it is read from a failed call."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import grpc

from livetranslate.client.error_details import error_info


class TranslateError(Exception):
    """The server refused a call, ended it, or could not be reached.

    Attributes:
        code: The gRPC status code: whose fault it was, and whether trying again can help.
        message: The server's sentence for a person.
        reason: What exactly happened, for programs, e.g. "LANGUAGE_NOT_SUPPORTED"; empty where the server gave none.
        metadata: What it happened to, e.g. {"language_code": "xx"}.
        retry_delay_seconds: When to try again, if the server said so; 0 otherwise.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_delay_seconds: float = 0.0,
    ) -> None:
        super().__init__(message or code.name)
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.retry_delay_seconds = retry_delay_seconds

    @classmethod
    def from_rpc(cls, error: grpc.RpcError) -> Self:
        """Reads a failed call's status and what the server said of it."""
        info = error_info(_status_details(error.trailing_metadata() or ()))
        return cls(error.code(), error.details() or "", info.reason, info.metadata, info.retry_delay_seconds)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raises a `TranslateError` for each gRPC error inside."""
    try:
        yield
    except grpc.RpcError as error:
        raise TranslateError.from_rpc(error) from error


def _status_details(trailing_metadata: Iterable[Any]) -> bytes:
    """Returns the serialized `google.rpc.Status` of a call's trailers, which are pairs; empty where there is none."""
    for key, value in trailing_metadata:
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            return value
    return b""
