"""What a Piper voice's JSON file says of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ESPEAK, TEXT = "espeak", "text"
# Piper's own defaults, from VITS.
NOISE_SCALE, LENGTH_SCALE, NOISE_W = 0.667, 1.0, 0.8
# Portuguese voices were trained with this replacement, which their files do not mention.
USUAL_MAPS: Mapping[str, Mapping[str, Sequence[str]]] = {"pt-br": {"c": ("k",)}}


class VoiceError(Exception):
    """A voice cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """A voice.

    Attributes:
        sample_rate_hertz: Of its speech.
        espeak_voice: The voice of eSpeak NG that writes its phonemes.
        phoneme_type: `espeak`, or `text` where letters are its phonemes.
        phoneme_map: Phonemes that it has others for.
        phoneme_id_map: The ids of each phoneme.
        speaker_ids: Its speakers by name; none where there is but one.
        noise_scale: How much the sound varies.
        length_scale: The length of its phonemes.
        noise_w: How much their lengths vary.
    """

    sample_rate_hertz: int
    espeak_voice: str
    phoneme_type: str
    phoneme_map: Mapping[str, Sequence[str]]
    phoneme_id_map: Mapping[str, Sequence[int]]
    speaker_ids: Mapping[str, int]
    noise_scale: float
    length_scale: float
    noise_w: float


def read_config(path: Path) -> PiperConfig:
    """Read a voice's `<name>.onnx.json`.

    Raises:
        VoiceError: It says something else than such a file does, or needs other phonemes than there are here.
    """
    try:
        config = _config(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VoiceError(f"{path} does not describe a Piper voice: {error!r}; pull it again") from error
    if config.phoneme_type not in {ESPEAK, TEXT}:
        raise VoiceError(f"{path}: phonemes of type {config.phoneme_type!r} cannot be made; take another voice")
    if missing := [symbol for symbol in "_^$" if symbol not in config.phoneme_id_map]:
        raise VoiceError(f"{path}: its phoneme_id_map lacks {' '.join(missing)}; pull it again")
    return config


def _config(described: Mapping[str, Any]) -> PiperConfig:
    inference = described.get("inference", {})
    espeak_voice = str(described.get("espeak", {}).get("voice", ""))
    count = int(described.get("num_speakers", 1))
    speakers = described.get("speaker_id_map") or {str(number): number for number in range(count)}
    return PiperConfig(
        sample_rate_hertz=int(described["audio"]["sample_rate"]),
        espeak_voice=espeak_voice,
        phoneme_type=str(described.get("phoneme_type", ESPEAK)),
        phoneme_map=described.get("phoneme_map") or USUAL_MAPS.get(espeak_voice.lower(), {}),
        phoneme_id_map=dict(described["phoneme_id_map"]),
        speaker_ids=dict(speakers) if count > 1 else {},
        noise_scale=float(inference.get("noise_scale", NOISE_SCALE)),
        length_scale=float(inference.get("length_scale", LENGTH_SCALE)),
        noise_w=float(inference.get("noise_w", NOISE_W)),
    )
