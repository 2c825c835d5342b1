"""Reads `google.rpc.ErrorInfo` and `google.rpc.RetryInfo` without the package that has it.

googleapis-common-protos would be a third dependency for a few small messages. Their fields are declared here, in a
descriptor pool of their own, so that nothing clashes where that package is installed.
"""

from dataclasses import dataclass, field, replace
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
message_type {
  name: "RetryInfo"
  field { name: "retry_delay" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".sdk.Span" }
}
message_type {
  name: "Span"
  field { name: "seconds" number: 1 label: LABEL_OPTIONAL type: TYPE_INT64 }
  field { name: "nanos" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
}
"""

_pool = descriptor_pool.DescriptorPool()
_pool.Add(text_format.Parse(_FILE, descriptor_pb2.FileDescriptorProto()))


@dataclass(frozen=True)
class ErrorInfo:
    """Why a call failed, for programs; empty where the server did not say."""

    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    retry_delay_seconds: float = 0.0


def error_info(status: bytes) -> ErrorInfo:
    """Finds the details in a serialized `google.rpc.Status`."""
    info = ErrorInfo()
    try:
        for detail in _parse("Status", status).details:
            info = _with_detail(info, detail)
    except DecodeError:  # a proxy on the way may write anything there; the status itself still counts
        return info
    return info


def _with_detail(info: ErrorInfo, detail: Any) -> ErrorInfo:
    match detail.type_url.rpartition("/")[2]:
        case "google.rpc.ErrorInfo":
            parsed = _parse("ErrorInfo", detail.value)
            return replace(info, reason=parsed.reason, metadata={entry.key: entry.value for entry in parsed.metadata})
        case "google.rpc.RetryInfo":
            delay = _parse("RetryInfo", detail.value).retry_delay
            return replace(info, retry_delay_seconds=delay.seconds + delay.nanos / 1e9)
    return info


def _parse(name: str, serialized: bytes) -> Any:
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"sdk.{name}")).FromString(serialized)
