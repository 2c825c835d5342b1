"""A Piper voice: text in, speech out, sentence by sentence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from piper_config import ESPEAK, PiperConfig, VoiceError, read_config
from piper_espeak import EspeakAwayError, EspeakError, EspeakPool
from piper_network import PiperNetwork
from piper_phonemes import join_clauses, letters, phoneme_ids
from piper_sound import silence, to_samples
from piper_text import pieces

from livetranslate.engine.batch import AwayError, RefusedError, run_batch
from livetranslate.engine.placement import Placement
from livetranslate.engine.sound import pace, parts, trim

MARGIN_SECONDS = 0.01  # kept of the silence around a sentence
PART_SECONDS = 1
PAUSE_SECONDS = 0.2  # between sentences, as Piper has it


class PiperVoice:
    """A voice and its speakers. Several threads may speak with it at the same time.

    Attributes:
        config: What its file says of it.
    """

    def __init__(self, placement: Placement, espeak: EspeakPool) -> None:
        """Load the voice in the folder of the weights.

        Raises:
            VoiceError: It is not there, or not as its description has it.
        """
        network = _network_path(placement.weights)
        parameters = placement.parameters
        self.config = read_config(network.with_name(f"{network.name}.json"))
        self._languages = parameters["languages"].split()
        self._voices = parameters["voices"].split()
        self._noise_scale = float(parameters.get("noise_scale", self.config.noise_scale))
        self._noise_w = float(parameters.get("noise_w", self.config.noise_w))
        self._espeak = espeak
        _check(self.config, parameters)
        self._network = PiperNetwork(network, placement)

    def check_language(self, language: str) -> None:
        """Refuse a language that the voice does not speak; `es-MX` may be spoken as in `es-ES`."""
        if _primary(language) not in {_primary(spoken) for spoken in self._languages}:
            raise RefusedError(f"no voice for language {language!r}; there are: {' '.join(self._languages)}")

    def speaker(self, voice: str) -> int:
        """The speaker of that name; the first where it is empty, or where there is but one."""
        if voice and voice not in self._voices:
            raise RefusedError(f"no voice {voice!r}; there are: {' '.join(self._voices)}")
        return self.config.speaker_ids.get(voice or self._voices[0], 0)

    def speak(self, text: str, speaker: int, rate: float) -> Iterator[Any]:
        """The speech of a text as it is made, sentence by sentence: INT16 samples, at most a second of them at a time.

        Raises:
            AwayError: eSpeak NG cannot be run now.
            RuntimeError: A sentence cannot be spoken.
        """
        hertz, faster = self.config.sample_rate_hertz, pace(rate)
        scales = (self._noise_scale, self.config.length_scale / faster, self._noise_w)
        is_first = True
        for piece in pieces(text, self._languages[0]):
            ids = phoneme_ids(self._phonemes(piece), self.config.phoneme_id_map)
            if not ids:
                continue  # marks alone, or nothing that has a sound in this language
            if not is_first:
                yield silence(PAUSE_SECONDS / faster, hertz)
            is_first = False
            yield from parts(self._sentence(ids, scales, speaker), PART_SECONDS * hertz)

    def _phonemes(self, piece: str) -> list[str]:
        if self.config.phoneme_type != ESPEAK:
            return letters(piece)
        try:
            return join_clauses(self._espeak.clauses(self.config.espeak_voice, piece), self.config.phoneme_map)
        except EspeakAwayError as error:
            raise AwayError(str(error)) from error
        except EspeakError as error:
            raise RuntimeError(str(error)) from error

    def _sentence(self, ids: list[int], scales: tuple[float, float, float], speaker: int) -> Any:
        (sound,) = run_batch([ids], lambda items: [self._network.speak(item, scales, speaker) for item in items])
        if isinstance(sound, Exception):
            raise sound
        return trim(to_samples(sound), round(MARGIN_SECONDS * self.config.sample_rate_hertz))


def _network_path(folder: Path) -> Path:
    found = sorted(folder.glob("*.onnx"))
    if len(found) != 1:
        raise VoiceError(f"{folder} has {len(found)} files *.onnx instead of one; pull it again")
    return found[0]


def _check(config: PiperConfig, parameters: Any) -> None:
    """Refuse weights that say something else than the voice does: speech would be too fast, or somebody else's."""
    if config.sample_rate_hertz != int(parameters["sample_rate_hertz"]):
        raise VoiceError(
            f"the voice speaks at {config.sample_rate_hertz} Hz; say so in sample_rate_hertz of its weights"
        )
    if config.speaker_ids and (unknown := set(parameters["voices"].split()) - set(config.speaker_ids)):
        raise VoiceError(f"the voice has no speaker {' '.join(sorted(unknown))}; mend voices in its weights")


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
