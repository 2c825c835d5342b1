"""The two styles of decoding: which decoding and which recognizer a model needs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from asr.decoding import NewDecoding
from asr.recognizer import Recognize
from asr.sequence_decoding import SequenceDecoding, SequenceOptions
from asr.sequence_recognizer import SequenceRecognizer, recognizing
from asr.settings import AsrSettings
from asr.slots import SequenceSlots
from asr.window_decoding import WindowDecoding, window_options
from asr.window_recognizer import WindowRecognizer
from livetranslate.models import Model
from livetranslate.triton import TritonClient


def is_usable(model: Model) -> bool:
    """Whether the model's style of decoding is known here, and its windows have lengths."""
    return model.decoding == "sequence" or (model.decoding == "window" and bool(model.window_seconds))


def new_decoding(model: Model) -> NewDecoding:
    """How segments are decoded with a model."""
    if model.decoding == "window":
        return partial(WindowDecoding, window_options(model))
    return partial(SequenceDecoding, SequenceOptions())


class Recognizers:
    """Makes each session its recognizer."""

    def __init__(self, triton: TritonClient, settings: AsrSettings) -> None:
        """Use one connection for all."""
        self._triton = triton
        self._settings = settings
        self.slots: dict[str, SequenceSlots] = {}  # by model; all sessions share them

    async def slot_wait_seconds(self) -> float:
        """How long segments wait for a decoder (a `QueueWait`), of the model that is worst off."""
        return max((slots.wait_seconds for slots in self.slots.values()), default=0.0)

    @asynccontextmanager
    async def recognizing(self, model: Model, phrases: Sequence[str]) -> AsyncIterator[Recognize]:
        """Lend out a recognizer for a model, once it is loaded; what it holds is freed however the block ends.

        Args:
            model: What to decode with.
            phrases: Those likely to be said, for a model that takes them.

        Raises:
            LiveTranslateError: The model cannot be loaded (see `Holds.hold`).
        """
        with self._triton.holds() as holds:
            await holds.hold(model.name)
            async with self._recognizer(model, phrases) as recognize:
                yield recognize

    @asynccontextmanager
    async def _recognizer(self, model: Model, phrases: Sequence[str]) -> AsyncIterator[Recognize]:
        timeouts = {
            "timeout_seconds": self._settings.decode_timeout_seconds,
            "patience_seconds": self._settings.decode_patience_seconds,
        }
        if model.decoding == "window":
            yield WindowRecognizer(self._triton, model, phrases=phrases, **timeouts).recognize
            return
        slots = self.slots.setdefault(model.name, SequenceSlots(model, self._settings.slot_timeout_seconds))
        recognizer = SequenceRecognizer(self._triton, model, slots, phrases=phrases, **timeouts)
        async with recognizing(recognizer) as recognize:
            yield recognize
