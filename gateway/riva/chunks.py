"""The messages of a Riva speech call after the first one. Those of all three methods are alike."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from livetranslate.errors import InvalidArgumentError
from livetranslate.streams import first_request

_YES = "true"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One message.

    Attributes:
        audio: The bytes that follow those before; may be empty.
        request_id: The `RequestId` that it names, if it does.
        ends_utterance: Whether the utterance is to end behind this audio.
    """

    audio: bytes
    request_id: Any = None
    ends_utterance: bool = False


async def first_config(requests: AsyncIterator[Any], name: str) -> Any:
    """The first message of a call, which has to be its configuration.

    Raises:
        InvalidArgumentError: It is something else.
    """
    request = await first_request(requests)
    if request.WhichOneof("streaming_request") != name:
        raise InvalidArgumentError("CONFIG_EXPECTED", f"The first message must be `{name}`.")
    return request


async def chunks_of(requests: AsyncIterator[Any]) -> AsyncIterator[Chunk]:
    """The messages that follow.

    Raises:
        InvalidArgumentError: A configuration comes again.
    """
    async for request in requests:
        if request.WhichOneof("streaming_request") not in ("audio_content", None):
            message = "The configuration was sent twice. Send it once, first."
            raise InvalidArgumentError("CONFIG_REPEATED", message)
        yield Chunk(request.audio_content, request_id_of(request), _ends_utterance(request))


def request_id_of(request: Any) -> Any:
    """What a client calls its request, to be repeated in the answers; None where it has no name."""
    return request.id if request.HasField("id") else None


def _ends_utterance(request: Any) -> bool:
    """Only recognition has it; translations know no such wish."""
    wishes = getattr(request, "runtime_config", {})
    return "force_eou" in wishes and str(wishes["force_eou"]).lower() == _YES
