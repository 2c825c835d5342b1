"""Finding a voice whose model can be had."""

from collections.abc import Sequence

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.holding import Holds
from livetranslate.models import Model
from tts.utterance import Voice
from tts.voices import find_voice


async def hold_voice(directory: ModelDirectory, holds: Holds, language: str, name: str) -> Voice:
    """The voice of that name for a language, its model in memory; models that cannot be had are passed over.

    Raises:
        InvalidArgumentError: There is no such voice (see `find_voice`).
        LiveTranslateError: None of the models that have one can be had (see `Holds.hold`); the reason is that of the
            first.
    """
    refusals: dict[str, LiveTranslateError] = {}

    def choose(models: Sequence[Model]) -> Voice:
        return find_voice([model for model in models if model.name not in refusals], language, name)

    while True:
        try:
            voice = await directory.choose(choose)
        except InvalidArgumentError:
            for refusal in refusals.values():
                raise refusal from None
            raise
        try:
            await holds.hold(voice.model)
        except LiveTranslateError as error:
            refusals[voice.model] = error
        else:
            return voice
