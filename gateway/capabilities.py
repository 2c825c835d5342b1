"""What the inner services can do, asked from them, and whether a session's wishes fit."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc

from gateway.cloning import SPEAKER
from gateway.events import MAX_TARGETS, Target
from livetranslate.errors import CallerError, InvalidArgumentError
from livetranslate.models import Model, is_spoken_by, model_for_pair, primary
from livetranslate.spoken import recognizer_for
from livetranslate.status import error_of_rpc
from livetranslate.v1 import asr_pb2, asr_pb2_grpc, mt_pb2, mt_pb2_grpc, tts_pb2, tts_pb2_grpc

Item = TypeVar("Item")

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

    def check(self, source: str, targets: Sequence[Target], candidates: Sequence[str] = ()) -> None:
        """Check a session's languages.

        Args:
            source: What is spoken, or "auto".
            targets: What to translate into.
            candidates: For "auto": what may be spoken; none: all that one recognizer understands.

        Raises:
            InvalidArgumentError: Something cannot be had; the message lists what can.
        """
        _, spoken = recognizer_for(map(_recognizer, self.recognizers), source, candidates)
        languages = [target.language for target in targets]
        if len(languages) > MAX_TARGETS:
            message = f"{len(languages)} targets were asked for; at most {MAX_TARGETS} are allowed."
            raise InvalidArgumentError("TOO_MANY_TARGETS", message, limit=str(MAX_TARGETS))
        if len(set(languages)) < len(languages):
            raise InvalidArgumentError("TARGET_REPEATED", "A target language is named twice. Name each once.")
        for target in targets:
            self._check_pairs(spoken, target.language)
            if target.speech or target.voice:
                self._check_voice(target)

    def _check_pairs(self, spoken: Sequence[str], target: str) -> None:
        """Check that whatever is spoken can be translated; of several languages one may be the target itself."""
        translators = [_translator(message) for message in self.translators]
        if len(spoken) == 1:
            model_for_pair(translators, spoken[0], target)
            return
        others = [source for source in spoken if primary(source) != primary(target)]
        missing = [source for source in others if not _can_translate(translators, source, target)]
        if missing:
            message = (
                f"What may be spoken has to be translated into {target!r}, but no model does that from "
                f"{', '.join(missing)}. Name the candidate languages without these, or leave the target out."
            )
            raise InvalidArgumentError("PAIR_NOT_SUPPORTED", message, target=target, missing=" ".join(missing))

    def _check_voice(self, target: Target) -> None:
        speaking = [voice for voice in self.voices if is_spoken_by(voice.language_code, target.language)]
        if all(voice.name == SPEAKER for voice in speaking):  # until there is something to imitate another stands in
            languages = sorted({voice.language_code for voice in self.voices if voice.name != SPEAKER})
            message = f"No voice speaks {target.language!r}. Languages: {', '.join(languages) or 'none'}."
            raise InvalidArgumentError("VOICE_NOT_SUPPORTED", message, language=target.language)
        names = sorted({voice.name for voice in speaking})
        if target.voice and target.voice not in names:
            message = f"There is no voice {target.voice!r} for {target.language!r}. Voices: {', '.join(names)}."
            raise InvalidArgumentError("VOICE_NOT_SUPPORTED", message, language=target.language, voice=target.voice)


class CapabilityFinder:
    """Asks the inner services, and remembers for a while; what is away is taken to be able to do what it could."""

    def __init__(self, hops: Hops, *, has_cloning: bool = False) -> None:
        """Know nothing yet; without `has_cloning` there is no voice that imitates the speaker."""
        self._has_cloning = has_cloning
        self._recognizers: Remembered[asr_pb2.Recognizer] = Remembered(
            "asr", lambda: hops.asr.ListRecognizers(asr_pb2.ListRecognizersRequest(), timeout=_TIMEOUT_SECONDS)
        )
        self._translators: Remembered[mt_pb2.Translator] = Remembered(
            "mt", lambda: hops.mt.ListTranslators(mt_pb2.ListTranslatorsRequest(), timeout=_TIMEOUT_SECONDS)
        )
        self._voices: Remembered[tts_pb2.Voice] = Remembered(
            "tts", lambda: hops.tts.ListVoices(tts_pb2.ListVoicesRequest(), timeout=_TIMEOUT_SECONDS)
        )

    async def check(self, source: str, targets: Sequence[Target], candidates: Sequence[str] = ()) -> None:
        """Check a session's languages, asking anew before refusing.

        Raises:
            InvalidArgumentError: Something cannot be had; the message lists what can.
            UnavailableError: A service that is needed does not answer, and never has.
        """
        try:
            (await self._find(targets, _FRESH_SECONDS)).check(source, targets, candidates)
        except CallerError:
            (await self._find(targets, 0)).check(source, targets, candidates)

    async def find(self) -> Capabilities:
        """Ask all three services, or those that answer.

        Raises:
            UnavailableError: One does not answer, and never has.
        """
        return await self._find([Target("", speech=True)], 0)

    async def _find(self, targets: Sequence[Target], fresh_seconds: float) -> Capabilities:
        """What the services can do that a session needs: captions alone go on without mt and tts."""
        has_speech = any(target.speech or target.voice for target in targets)
        recognizers, translators, voices = await asyncio.gather(
            self._recognizers.get(fresh_seconds),
            self._translators.get(fresh_seconds) if targets else _nothing(),
            self._voices.get(fresh_seconds) if has_speech else _nothing(),
        )
        offered = [voice for voice in voices if self._has_cloning or voice.name != SPEAKER]
        return Capabilities(recognizers, translators, offered)


class Remembered(Generic[Item]):
    """What one service can do."""

    def __init__(self, hop: str, ask: Callable[[], Awaitable[Any]]) -> None:
        """Know nothing yet; `ask` calls the service's listing method."""
        self._hop = hop
        self._ask = ask
        self._items: Sequence[Item] | None = None
        self._asked_at = 0.0

    async def get(self, fresh_seconds: float) -> Sequence[Item]:
        """What it can do, as it said not longer ago than that, or as it said last if it is away.

        Raises:
            UnavailableError: It does not answer, and never has.
        """
        if self._items is not None and time.monotonic() - self._asked_at < fresh_seconds:
            return self._items
        try:
            response = await self._ask()
        except grpc.aio.AioRpcError as error:
            if self._items is None:
                raise error_of_rpc(error, hop=self._hop) from None
            return self._items
        (items,) = (value for _, value in response.ListFields()) if response.ListFields() else ((),)
        if items or self._items is None:  # a Triton that is starting has no models yet
            self._items, self._asked_at = items, time.monotonic()
        return self._items


async def _nothing() -> Sequence[Any]:
    return ()


def _can_translate(translators: Sequence[Model], source: str, target: str) -> bool:
    try:
        model_for_pair(translators, source, target)
    except InvalidArgumentError:
        return False
    return True


def _recognizer(message: asr_pb2.Recognizer) -> Model:
    return Model(message.model, "asr", languages=tuple(message.language_codes))


def _translator(message: mt_pb2.Translator) -> Model:
    pairs = tuple((pair.source_language_code, pair.target_language_code) for pair in message.language_pairs)
    return Model(message.model, "mt", language_pairs=pairs)
