"""All pairs that Apertium translates: a translator for each, which start when they are first used."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from apertium_translator import Translator

from livetranslate.engine.batch import AwayError, RefusedError, in_groups


class Asked(NamedTuple):
    """A text, and the pair that it is to be translated in, e.g. `en-es`."""

    pair: str
    text: str


class Pairs:
    """The translators by pair."""

    def __init__(self, modes: Mapping[str, Path]) -> None:
        """Read the mode file of each pair."""
        self._translators = {pair: Translator(mode) for pair, mode in modes.items()}

    def start(self, count: int) -> None:
        """Start the first few, so that nobody waits for them."""
        for translator in islice(self._translators.values(), count):
            translator.start()

    def stop(self) -> None:
        """End all that run."""
        for translator in self._translators.values():
            translator.stop()

    def read(self, text: str, source: str, target: str) -> Asked:
        """What is asked for.

        Raises:
            RefusedError: There is no such pair.
        """
        pair = f"{source}-{target}"
        if pair not in self._translators:
            raise RefusedError(f"no pair {pair}; there are: {' '.join(self._translators)}")
        return Asked(pair, text)

    def translate(self, asked: Sequence[Asked]) -> list[str | Exception]:
        """The translations in their order; those of a pair go through its pipeline together."""
        return in_groups(asked, lambda one: one.pair, self._translate_alike)

    def _translate_alike(self, asked: Sequence[Asked]) -> list[str | Exception]:
        try:
            translations = self._translators[asked[0].pair].translate([one.text for one in asked])
        except OSError as reason:  # the package was removed, or there is no memory for another process
            return [AwayError(f"Apertium cannot be run: {reason}")] * len(asked)
        unanswered = RuntimeError("Apertium does not answer on this text")
        return [unanswered if translation is None else translation for translation in translations]
