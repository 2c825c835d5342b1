"""`RivaSpeechRecognition`: each call is a session without targets."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

from riva.client.proto import riva_asr_pb2, riva_asr_pb2_grpc

from gateway.capabilities import Hops
from gateway.listings import list_recognizers
from gateway.riva.call import Serve, SessionCall
from gateway.riva.chunks import Chunk, first_config, request_id_of
from gateway.riva.listing import recognition_configs
from gateway.riva.offline import OfflineResults
from gateway.riva.opening import Wish, spoken_language
from gateway.riva.result_stream import stream_results
from gateway.riva.results import Results, results_of_transcript
from gateway.riva.rpc import Context, SendAny, answers
from livetranslate.v1 import gateway_pb2


class RivaSpeechRecognition(riva_asr_pb2_grpc.RivaSpeechRecognitionServicer):  # type: ignore[misc] # has no types
    """Answers `nvidia.riva.asr.RivaSpeechRecognition`."""

    def __init__(self, serve: Serve, hops: Hops, *, stall_seconds: float) -> None:
        """Recognize by sessions that `serve` runs."""
        self._serve = serve
        self._hops = hops
        self._stall_seconds = stall_seconds

    async def StreamingRecognize(self, requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        """Recognize speech while it is spoken."""
        work = partial(self._stream, requests, context)
        async with aclosing(answers(work, self._stall_seconds)) as responses:
            async for response in responses:
                yield response

    async def Recognize(self, request: Any, context: Context) -> Any:
        """Recognize a whole file."""
        config = request.config
        wish = Wish(config, await spoken_language(config.language_code, self._hops), is_offline=True)
        results = OfflineResults(has_words=config.enable_word_time_offsets)
        await SessionCall(self._serve, wish, context).run(_one(Chunk(request.audio)), results.receive)
        return riva_asr_pb2.RecognizeResponse(results=results.told(), id=request_id_of(request))

    async def GetRivaSpeechRecognitionConfig(self, request: Any, context: Context) -> Any:
        """List the recognizers, all or one."""
        del context
        return recognition_configs(await list_recognizers(self._hops), request.model_name)

    async def _stream(self, requests: AsyncIterator[Any], context: Context, send: SendAny) -> None:
        first = await first_config(requests, "streaming_config")
        config, has_interims = first.streaming_config.config, first.streaming_config.interim_results
        has_words = config.enable_word_time_offsets

        def results_of(event: gateway_pb2.SessionEvent) -> Results:
            if not event.HasField("transcript"):
                return []
            revision = event.transcript.revision
            return results_of_transcript(revision, has_interims=has_interims, has_words=has_words)

        wish = Wish(config, await spoken_language(config.language_code, self._hops))
        call = SessionCall(self._serve, wish, context, request_id_of(first))
        await stream_results(call, requests, results_of, riva_asr_pb2.StreamingRecognizeResponse, send)


async def _one(chunk: Chunk) -> AsyncIterator[Chunk]:
    yield chunk
