"""The messages of Riva calls."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from riva.client.proto import riva_asr_pb2, riva_common_pb2, riva_nmt_pb2

from gateway.riva.chunks import chunks_of, first_config
from livetranslate.errors import InvalidArgumentError

Request = riva_asr_pb2.StreamingRecognizeRequest


async def stream(*messages: Any) -> AsyncIterator[Any]:
    for message in messages:
        yield message


async def test_audio_wishes_and_ids_are_read() -> None:
    """A message may have any of them."""
    messages = (
        Request(audio_content=b"a", id=riva_common_pb2.RequestId(value="x")),
        Request(runtime_config={"force_eou": "True", "other": "1"}),
        Request(audio_content=b"", runtime_config={"force_eou": "false"}),
    )
    chunks = [chunk async for chunk in chunks_of(stream(*messages))]
    assert [chunk.audio for chunk in chunks] == [b"a", b"", b""]
    assert [chunk.ends_utterance for chunk in chunks] == [False, True, False]
    assert [chunk.request_id and chunk.request_id.value for chunk in chunks] == ["x", None, None]


async def test_the_messages_of_a_translation_are_read_alike() -> None:
    """They know no end of an utterance."""
    message = riva_nmt_pb2.StreamingTranslateSpeechToTextRequest(audio_content=b"a")
    [chunk] = [chunk async for chunk in chunks_of(stream(message))]
    assert (chunk.audio, chunk.ends_utterance) == (b"a", False)


async def test_the_configuration_is_first_and_only_first() -> None:
    """Anything else is the caller's mistake."""
    config = Request(streaming_config=riva_asr_pb2.StreamingRecognitionConfig())
    assert await first_config(stream(config), "streaming_config") == config
    with pytest.raises(InvalidArgumentError, match="streaming_config"):
        await first_config(stream(Request(audio_content=b"a")), "streaming_config")
    with pytest.raises(InvalidArgumentError, match="twice"):
        [chunk async for chunk in chunks_of(stream(config))]
