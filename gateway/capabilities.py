"""What the inner services can do, asked from them, and whether a session's wishes fit."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc

from gateway.events import Target
from livetranslate.errors import CallerError, InvalidArgumentError
from livetranslate.models import Model, is_spoken_by, model_for_language, model_for_pair
from livetranslate.status import error_of_rpc
from livetranslate.v1 import asr_pb2, asr_pb2_grpc, mt_pb2, mt_pb2_grpc, tts_pb2, tts_pb2_grpc

Response = TypeVar("Response")

MAX_TARGETS = 16

_FRESH_SECONDS = 30  # models come and go rarely
_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Hops:
    """The inner services' stubs."""

    asr: "asr_pb2_grpc.AsrServiceAsyncStub"
    mt: "mt_pb2_grpc.MtServiceAsyncStub"
    tts: "tts_pb2_grpc.TtsServiceAsyncStub"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be recognized, translated and spoken."""

    recognizers: Sequence[asr_pb2.Recognizer]
    translators: Sequence[mt_pb2.Translator]
    voices: Sequence[tts_pb2.Voice]

    def check(self, source: str, targets: Sequence[Target]) -> None:
        """Check a session's languages.

        Raises:
            InvalidArgumentError: Something cannot be had; the message lists what can.
        """
        model_for_language(map(_recognizer, self.recognizers), source, what="recognize")
        languages = [target.language for target in targets]
        if len(languages) > MAX_TARGETS:
            message = f"{len(languages)} targets were asked for; at most {MAX_TARGETS} are allowed."
            raise InvalidArgumentError("TOO_MANY_TARGETS", message, limit=str(MAX_TARGETS))
        if len(set(languages)) < len(languages):
            raise InvalidArgumentError("TARGET_REPEATED", "A target language is named twice. Name each once.")
        for target in targets:
            model_for_pair(map(_translator, self.translators), source, target.language)
            if target.speech:
                self._check_voice(target)

    def _check_voice(self, target: Target) -> None:
        speaking = [voice for voice in self.voices if is_spoken_by(voice.language_code, target.language)]
        if not speaking:
            languages = sorted({voice.language_code for voice in self.voices})
            message = f"No voice speaks {target.language!r}. Languages: {', '.join(languages) or 'none'}."
            raise InvalidArgumentError("VOICE_NOT_SUPPORTED", message, language=target.language)
        names = sorted({voice.name for voice in speaking})
        if target.voice and target.voice not in names:
            message = f"There is no voice {target.voice!r} for {target.language!r}. Voices: {', '.join(names)}."
            raise InvalidArgumentError("VOICE_NOT_SUPPORTED", message, language=target.language, voice=target.voice)


class CapabilityFinder:
    """Asks the inner services, and remembers for a while."""

    def __init__(self, hops: Hops) -> None:
        """Know nothing yet."""
        self._hops = hops
        self._found: Capabilities | None = None
        self._found_at = 0.0

    async def check(self, source: str, targets: Sequence[Target]) -> None:
        """Check a session's languages, asking anew before refusing.

        Raises:
            InvalidArgumentError: Something cannot be had; the message lists what can.
            UnavailableError: A service does not answer.
        """
        if self._found is not None and time.monotonic() - self._found_at < _FRESH_SECONDS:
            try:
                self._found.check(source, targets)
            except CallerError:
                self._found = None
            else:
                return
        has_speech = any(target.speech for target in targets)
        found = await self._find(has_targets=bool(targets), has_speech=has_speech)
        found.check(source, targets)

    async def find(self) -> Capabilities:
        """Ask all three services.

        Raises:
            UnavailableError: One does not answer.
        """
        return await self._find(has_targets=True, has_speech=True)

    async def _find(self, *, has_targets: bool, has_speech: bool) -> Capabilities:
        """Ask the services that a session needs: captions alone go on without mt and tts."""
        recognizers, translators, voices = await asyncio.gather(
            self._recognizers(),
            self._translators() if has_targets else _nothing(),
            self._voices() if has_speech else _nothing(),
        )
        self._found = Capabilities(recognizers, translators, voices)
        self._found_at = time.monotonic()
        return self._found

    async def _recognizers(self) -> Sequence[asr_pb2.Recognizer]:
        call = self._hops.asr.ListRecognizers(asr_pb2.ListRecognizersRequest(), timeout=_TIMEOUT_SECONDS)
        return (await _ask("asr", call)).recognizers

    async def _translators(self) -> Sequence[mt_pb2.Translator]:
        call = self._hops.mt.ListTranslators(mt_pb2.ListTranslatorsRequest(), timeout=_TIMEOUT_SECONDS)
        return (await _ask("mt", call)).translators

    async def _voices(self) -> Sequence[tts_pb2.Voice]:
        call = self._hops.tts.ListVoices(tts_pb2.ListVoicesRequest(), timeout=_TIMEOUT_SECONDS)
        return (await _ask("tts", call)).voices


async def _nothing() -> Sequence[Any]:
    return ()


async def _ask(hop: str, call: Awaitable[Response]) -> Response:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise error_of_rpc(error, hop=hop) from None


def _recognizer(message: asr_pb2.Recognizer) -> Model:
    return Model(message.model, "asr", languages=tuple(message.language_codes))


def _translator(message: mt_pb2.Translator) -> Model:
    pairs = tuple((pair.source_language_code, pair.target_language_code) for pair in message.language_pairs)
    return Model(message.model, "mt", language_pairs=pairs)
