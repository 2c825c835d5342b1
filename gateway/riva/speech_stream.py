"""The way of spoken translations to a Riva client."""

from typing import Any

from riva.client.proto import riva_nmt_pb2, riva_tts_pb2

from gateway.riva.call import SessionCall
from gateway.riva.rpc import SendAny
from gateway.speech_writer import SpeechWriter
from livetranslate.v1 import gateway_pb2


class SpeechStream:
    """Sends speech as it comes. Riva's clients open their file at the first answer, and close it at an empty one."""

    def __init__(self, call: SessionCall, writer: SpeechWriter, send: SendAny) -> None:
        """Have told nothing yet."""
        self._call = call
        self._writer = writer
        self._send = send

    async def tell(self, event: gateway_pb2.SessionEvent) -> None:
        """Send what an event has to say, if anything can be heard of it."""
        if event.HasField("speech"):
            speech = event.speech.audio
            audio = await self._writer.write(speech.audio, speech.sample_rate_hertz, is_last=speech.is_last)
            await self._send_audio(audio)

    async def finish(self) -> None:
        """Send the rest, and that it was the last."""
        await self._send_audio(await self._writer.finish())
        await self._send(self._response(b""))

    async def _send_audio(self, audio: bytes) -> None:
        if audio:
            await self._send(self._response(audio))

    def _response(self, audio: bytes) -> Any:
        speech = riva_tts_pb2.SynthesizeSpeechResponse(audio=audio, id=self._call.request_id)
        return riva_nmt_pb2.StreamingTranslateSpeechToSpeechResponse(speech=speech, id=self._call.request_id)
