"""Speech synthesis on Triton's decoupled models: audio comes while it is being produced, each sample once."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import numpy as np

from livetranslate import names
from livetranslate.errors import DeadlineExceededError
from livetranslate.metrics import count_retry
from livetranslate.telemetry import start_span, traceparent_of
from livetranslate.tensors import Value
from livetranslate.triton import TRANSIENT, TRITON, Outputs, TritonClient
from tts.settings import TtsSettings
from tts.utterance import Sound, Utterance, Voice

_LONGEST_PAUSE_SECONDS = 0.5  # a Triton that is back is used again within a second

Synthesize = Callable[[Utterance, Voice, float], AsyncGenerator[Sound, None]]
"""Speaks a text with a voice; the text has waited so many seconds since it came."""


class TritonSynthesizer:
    """The models behind one Triton."""

    def __init__(self, triton: TritonClient, settings: TtsSettings) -> None:
        """Use a connection that others may use too."""
        self._triton = triton
        self._silent_seconds = settings.silent_seconds
        self._timeout_seconds = settings.input_timeout_seconds
        self._patience_seconds = settings.patience_seconds

    async def synthesize(
        self, utterance: Utterance, voice: Voice, waited_seconds: float = 0.0
    ) -> AsyncGenerator[Sound, None]:
        """Speak a text; its span is dated back to when the text came. Closing the generator cancels the synthesis.

        Raises:
            LiveTranslateError: As `TritonClient.infer_stream`; also `DeadlineExceededError` where the model is stuck.
        """
        attributes = {
            names.SEGMENT_ID: utterance.segment_id,
            names.LANGUAGE: voice.language,
            names.MODEL: voice.model,
        }
        parent = utterance.traceparent
        span = start_span(names.TTS_SPAN, parent, start_seconds_ago=waited_seconds, attributes=attributes)
        started = time.perf_counter()
        try:
            async with aclosing(self._samples(utterance, voice, traceparent_of(span))) as pieces:
                async for samples in pieces:
                    yield Sound(samples, time.perf_counter() - started, traceparent_of(span))
        finally:
            span.end()

    async def _samples(self, utterance: Utterance, voice: Voice, traceparent: str) -> AsyncGenerator[bytes, None]:
        """The speech; a synthesis that breaks off begins again, and what was given out before is skipped."""
        given_bytes = 0
        last_given = time.monotonic()
        while True:
            position = 0
            try:
                async with aclosing(self._attempt(utterance, voice, traceparent)) as pieces:
                    async for samples in pieces:
                        new = samples[max(given_bytes - position, 0) :]
                        position += len(samples)
                        if new:
                            given_bytes += len(new)
                            yield new
                            last_given = time.monotonic()
            except TRANSIENT:
                if time.monotonic() - last_given >= self._patience_seconds:
                    raise
            else:
                return
            count_retry(TRITON)
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311 - not a secret

    async def _attempt(self, utterance: Utterance, voice: Voice, traceparent: str) -> AsyncGenerator[bytes, None]:
        """The speech from its beginning, as far as one request gets."""
        span = start_span(names.TTS_TRITON_SPAN, traceparent, attributes={names.MODEL: voice.model})
        try:
            async with aclosing(self._outputs(utterance, voice, traceparent_of(span))) as responses:
                async for outputs in responses:
                    yield np.asarray(outputs["AUDIO"]).astype("<i2").tobytes()
        finally:
            span.end()

    async def _outputs(self, utterance: Utterance, voice: Voice, traceparent: str) -> AsyncGenerator[Outputs, None]:
        """The model's responses; it may be slow for a slow reader, but never silent for long."""
        responses = self._triton.infer_stream(
            voice.model,
            _inputs(utterance, voice),
            timeout_seconds=self._timeout_seconds,
            traceparent=traceparent,
        )
        async with aclosing(responses):
            while True:
                try:
                    async with asyncio.timeout(self._silent_seconds):
                        outputs = await anext(responses, None)
                except TimeoutError:
                    raise DeadlineExceededError("MODEL_TIMEOUT", "The model did not answer in time.") from None
                if outputs is None:
                    return
                yield outputs


def _inputs(utterance: Utterance, voice: Voice) -> dict[str, Value]:
    inputs: dict[str, Value] = {
        "TEXT": [utterance.text],
        "LANGUAGE": [voice.language],
        "SPEAKING_RATE": np.array([utterance.speaking_rate], np.float32),
    }
    if voice.name:
        inputs["VOICE"] = [voice.name]
    if voice.reference:
        inputs["REFERENCE"] = np.frombuffer(voice.reference, "<i2").astype(np.int16)
    return inputs
