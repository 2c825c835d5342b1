"""Reads `google.rpc.ErrorInfo` without the package that has it.

googleapis-common-protos would be a third dependency for three small messages. Their fields are declared here, in a
descriptor pool of their own, so that nothing clashes where that package is installed.
"""

from dataclasses import dataclass, field
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.message import DecodeError

_FILE = """
name: "error_details.proto" package: "sdk" syntax: "proto3"
message_type {
  name: "Status"
  field { name: "details" number: 3 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".sdk.Detail" }
}
message_type {
  name: "Detail"
  field { name: "type_url" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_BYTES }
}
message_type {
  name: "ErrorInfo"
  field { name: "reason" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "metadata" number: 3 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".sdk.Entry" }
}
message_type {
  name: "Entry"
  field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING }
}
"""

_pool = descriptor_pool.DescriptorPool()
_pool.Add(text_format.Parse(_FILE, descriptor_pb2.FileDescriptorProto()))


@dataclass(frozen=True)
class ErrorInfo:
    """Why a call failed, for programs; both are empty where the server did not say."""

    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


def error_info(status: bytes) -> ErrorInfo:
    """Finds the `ErrorInfo` in a serialized `google.rpc.Status`."""
    try:
        for detail in _parse("Status", status).details:
            if detail.type_url.endswith("/google.rpc.ErrorInfo"):
                info = _parse("ErrorInfo", detail.value)
                return ErrorInfo(info.reason, {entry.key: entry.value for entry in info.metadata})
    except DecodeError:  # a proxy on the way may write anything there; the status itself still counts
        return ErrorInfo()
    return ErrorInfo()


def _parse(name: str, serialized: bytes) -> Any:
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"sdk.{name}")).FromString(serialized)
