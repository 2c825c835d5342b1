"""A Whisper whose weights are set by hand, so that what it writes is known: a number for each half second.

The pitch, in one of ten bands, is the number; the language token says in which language it is written. Without one,
the first half second's band tells the language. A half second without sound is a pause, and after the last sound the
text ends. Where the decoder's prompt has one of four English words that sound like a number, that is written instead.
Speech, too, gives a number for each half second, always the same ones. All of it is computed by an ordinary Whisper:

    conv1      how far each mel band is above what is usual in a voice, and each pair of them above silence
    conv2      the sum of the mel bands that make up one of the ten, and the loudness
    encoder 1  its feed-forward network: whether there is sound
    encoder 2  its attention: when the last sound is, told to every frame
    decoder 1  attention: where the start token is, and which language was named; feed-forward: which step this is
    decoder 2  attention: which hints there are; cross-attention: from step n to the n-th half second

Layer norms do no harm: two constants in each vector, one high, one low, are so large that the spread is always theirs.
A mean is no harm either, for whatever is read is read as the difference to a component that is always zero.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from bench.weights.whisper_tensors import AUDIO_POSITIONS, TEXT_POSITIONS, Tensors, WhisperDims, shapes
from livetranslate.engine.log_mel import SAMPLE_RATE_HERTZ, band_hertz

TONE_LANGUAGES: Final = ("en", "es", "fr", "de", "vi")
WORDS: Final = {
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "es": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
    "fr": ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
    "de": ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"],
    "vi": ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"],
    "hint": ["won", "too", "for", "ate"],
}
HINTS: Final = dict(zip((1, 2, 4, 8), WORDS["hint"], strict=True))
"""English words that are written for a number where the prompt has them."""
BANDS: Final = 10
WORD_SECONDS: Final = 0.5

DIMS: Final = WhisperDims(width=128, heads=2, encoder_layers=2, decoder_layers=2, inner=128)
ALIGNMENT_HEADS: Final = [[1, 0]]

_LEVEL: Final = 12_000
_STEPS: Final = 60  # half seconds in a window
_STEP_FRAMES: Final = 25  # of the encoder's, 20 ms each
_PREFIX: Final = 3  # tokens from the start token to the one after which the text begins
_MEL_PER_BAND: Final = 8

# The components of the encoder's vectors.
_BAND: Final = 0
_LOUD: Final = 10
_VOICED: Final = 11
_TIME: Final = 12  # of this frame, in parts of the window, as are all times
_LAST: Final = 13  # when the last sound is
_HIGH: Final = 14
_LOW: Final = 15
_BUCKET: Final = 16  # 60: which half second this is
_BEGIN: Final = 76  # when that begins
_ZERO: Final = 127
# The decoder's, where they differ.
_LATE: Final = 11  # how long after the last sound the half second begins
_VOICED_PART: Final = 10
_POSITION: Final = 12
_START: Final = 13  # 1 for the start token
_STEP: Final = 16  # 64: how many tokens come after the start token, as one of them
_LANGUAGE: Final = 80  # 5
_IS_LANGUAGE: Final = 85  # 5
_HINT: Final = 90  # 4
_IS_HINT: Final = 94  # 4
_START_POSITION: Final = 98
_ONE: Final = 99

_CONSTANT: Final = 300.0  # of the high and the low one
_NORM: Final = _CONSTANT * (2 / DIMS.width) ** 0.5  # the spread that they make
_HEAD_SCALE: Final = (DIMS.width / DIMS.heads) ** 0.5  # attention divides by it
_STEEP: Final = 20.0  # where GELU stands for a ramp
_SURE: Final = 40.0  # a difference of scores after which attention sees nothing else
_AUDIBLE: Final = 0.4  # from here on a mel band counts as sound, some 50 dB below full scale
# The mean of voices in each band: what is above it counts, so that speech has all ten of them.
_USUAL: Final = np.array([0.95, 0.8, 0.45, 0.25, 0.15, 0.15, 0.15, 0.15, 0.05, 0.05])
_LEAST_FRAMES: Final = 5.5  # sound that reaches less far into a half second is none of its own

Values = npt.NDArray[np.float32]


def tone_hertz(number: int) -> float:
    """A pitch in the middle of the band that is written as this number."""
    return float(band_hertz(DIMS.mels)[number * _MEL_PER_BAND + _MEL_PER_BAND // 2])


def tone_audio(numbers: Sequence[int | None]) -> npt.NDArray[np.int16]:
    """Half a second at 16 kHz of each pitch, or of silence."""
    seconds = np.arange(int(SAMPLE_RATE_HERTZ * WORD_SECONDS)) / SAMPLE_RATE_HERTZ
    silence = np.zeros(len(seconds))
    parts = [
        silence if number is None else np.sin(2 * np.pi * tone_hertz(number) * seconds) * _LEVEL for number in numbers
    ]
    return np.asarray(np.concatenate(parts), np.int16)


def tone_tensors(tokenizer: Tokenizer) -> Tensors:
    """All tensors, for a tokenizer that has each of `WORDS` as one token."""
    tensors: Tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes(DIMS).items()}
    for name, values in tensors.items():
        if name.endswith("layer_norm.weight"):
            values[:] = _NORM
            values[[_HIGH, _LOW]] = 0
    _hear(tensors)
    _notice_sound(tensors)
    _find_last_sound(tensors)
    _embed(tensors, tokenizer)
    _find_start(tensors)
    _count_steps(tensors)
    _find_hints(tensors)
    _look_at_step(tensors)
    _write(tensors["proj_out.weight"], tokenizer)
    for name, values in tensors.items():
        if values.ndim == 2 and "embed" not in name and "fc2" not in name and "out_proj" not in name:
            values[:, _ZERO] -= values.sum(axis=1)
    return tensors


def _hear(tensors: Tensors) -> None:
    """The two convolutions, and what is known of a frame by its position."""
    mels = np.arange(DIMS.mels)
    conv1, conv2 = tensors["encoder.conv1.weight"], tensors["encoder.conv2.weight"]
    conv1[mels, mels, 1] = _STEEP
    tensors["encoder.conv1.bias"][mels] = -_STEEP * np.repeat(_USUAL, _MEL_PER_BAND)
    for number in range(BANDS):
        members = mels[number * _MEL_PER_BAND : (number + 1) * _MEL_PER_BAND]
        conv2[_BAND + number, members, 1] = 1 / _STEEP
    pairs = DIMS.mels + mels // 2  # what is left of the channels
    conv1[pairs, mels, 1] = _STEEP / 2
    tensors["encoder.conv1.bias"][pairs] = -_STEEP * _AUDIBLE
    conv2[_LOUD, pairs, 1] = 1 / _STEEP
    frames = np.arange(AUDIO_POSITIONS)
    positions = tensors["encoder.embed_positions.weight"]
    positions[:, _HIGH], positions[:, _LOW] = _CONSTANT, -_CONSTANT
    positions[:, _TIME] = frames / AUDIO_POSITIONS
    positions[frames, _BUCKET + frames // _STEP_FRAMES] = 1
    positions[:, _BEGIN] = frames // _STEP_FRAMES * _STEP_FRAMES / AUDIO_POSITIONS
    positions[0, _LOUD] = 1  # where there is no other, the last sound is at the beginning


def _notice_sound(tensors: Tensors) -> None:
    """A step: 0 below some loudness, 1 above."""
    steep = 200.0
    ramp = (0.1, 0.15)
    tensors["encoder.layers.0.fc1.weight"][:2, _LOUD] = steep
    tensors["encoder.layers.0.fc1.bias"][:2] = -steep * np.array(ramp)
    tensors["encoder.layers.0.fc2.weight"][_VOICED, :2] = np.array([1, -1]) / (steep * (ramp[1] - ramp[0]))


def _find_last_sound(tensors: Tensors) -> None:
    """Every frame looks at the latest one with sound."""
    name = "encoder.layers.1.self_attn"
    tensors[f"{name}.q_proj.bias"][0] = _HEAD_SCALE
    tensors[f"{name}.k_proj.weight"][0, _VOICED] = 20_000
    tensors[f"{name}.k_proj.weight"][0, _TIME] = 3_000  # two for each frame
    tensors[f"{name}.v_proj.weight"][0, _TIME] = 1
    tensors[f"{name}.out_proj.weight"][_LAST, 0] = 1


def _embed(tensors: Tensors, tokenizer: Tokenizer) -> None:
    tokens, positions = tensors["decoder.embed_tokens.weight"], tensors["decoder.embed_positions.weight"]
    positions[:, _HIGH], positions[:, _LOW], positions[:, _ONE] = _CONSTANT, -_CONSTANT, 1
    positions[:, _POSITION] = np.arange(TEXT_POSITIONS) / TEXT_POSITIONS
    tokens[_id(tokenizer, "<|startoftranscript|>"), _START] = 1
    for number, language in enumerate(TONE_LANGUAGES):
        tokens[_id(tokenizer, f"<|{language}|>"), _IS_LANGUAGE + number] = 1
    for number, word in enumerate(HINTS.values()):
        tokens[_word(tokenizer, word), _IS_HINT + number] = 1


def _find_start(tensors: Tensors) -> None:
    """One head looks at the start token, the other one at the language's."""
    name = "decoder.layers.0.self_attn"
    second = DIMS.width // DIMS.heads
    tensors[f"{name}.q_proj.bias"][[0, second]] = _SURE * _HEAD_SCALE
    tensors[f"{name}.k_proj.weight"][0, _START] = 1
    tensors[f"{name}.v_proj.weight"][0, _POSITION] = 1
    tensors[f"{name}.out_proj.weight"][_START_POSITION, 0] = 1
    for number in range(len(TONE_LANGUAGES)):
        tensors[f"{name}.k_proj.weight"][second, _IS_LANGUAGE + number] = 1
        tensors[f"{name}.v_proj.weight"][second + number, _IS_LANGUAGE + number] = 1
        tensors[f"{name}.out_proj.weight"][_LANGUAGE + number, second + number] = 1


def _count_steps(tensors: Tensors) -> None:
    """A triangle around each number of tokens since the start token: 1 for that number, 0 for every other."""
    corners = np.arange(-1, 65)
    units = len(corners)
    tensors["decoder.layers.0.fc1.weight"][:units, _POSITION] = _STEEP * TEXT_POSITIONS
    tensors["decoder.layers.0.fc1.weight"][:units, _START_POSITION] = -_STEEP * TEXT_POSITIONS
    tensors["decoder.layers.0.fc1.bias"][:units] = -_STEEP * corners
    for step in range(64):
        tensors["decoder.layers.0.fc2.weight"][_STEP + step, step : step + 3] = np.array([1, -2, 1]) / _STEEP


def _find_hints(tensors: Tensors) -> None:
    name = "decoder.layers.1.self_attn"
    tensors[f"{name}.q_proj.bias"][0] = _SURE * _HEAD_SCALE
    for number in range(len(HINTS)):
        tensors[f"{name}.k_proj.weight"][0, _IS_HINT + number] = 1
        tensors[f"{name}.v_proj.weight"][number, _IS_HINT + number] = 1
        tensors[f"{name}.out_proj.weight"][_HINT + number, number] = 1


def _look_at_step(tensors: Tensors) -> None:
    """Cross-attention to the half second of this step; before the first to that one, after the last to that one."""
    name = "decoder.layers.1.encoder_attn"
    sure = 12.0  # no more: what aligns words with frames needs to see a little of every frame
    buckets = np.arange(_STEPS)
    tensors[f"{name}.q_proj.weight"][buckets, _STEP + _PREFIX + buckets] = sure * _HEAD_SCALE
    tensors[f"{name}.q_proj.weight"][0, _STEP] = sure * _HEAD_SCALE
    tensors[f"{name}.q_proj.weight"][_STEPS - 1, _STEP + _PREFIX + _STEPS] = sure / 2 * _HEAD_SCALE
    tensors[f"{name}.k_proj.weight"][buckets, _BUCKET + buckets] = 1
    # Later steps look a little more at later frames: no two see a frame exactly alike.
    tensors[f"{name}.q_proj.weight"][_STEPS, _STEP : _STEP + 64] = np.arange(64) * 0.01 * _HEAD_SCALE
    tensors[f"{name}.k_proj.weight"][_STEPS, _TIME] = 1
    values, out = tensors[f"{name}.v_proj.weight"], tensors[f"{name}.out_proj.weight"]
    for number in range(BANDS):
        values[number, _BAND + number] = 1
        out[_BAND + number, number] = 1
    values[_VOICED_PART, _VOICED] = 1
    values[_LATE, _BEGIN], values[_LATE, _LAST] = 1, -1
    out[_VOICED_PART, _VOICED_PART], out[_LATE, _LATE] = 1, 1


def _write(scores: Values, tokenizer: Tokenizer) -> None:
    """The score of each token, [token, component]."""
    text, band, hint, late = 100.0, 150.0, 48.0, 30_000.0
    for number, language in enumerate(TONE_LANGUAGES):
        for heard, word in enumerate(WORDS[language]):
            token = _word(tokenizer, word)
            scores[token, _BAND + heard] = band
            scores[token, _LANGUAGE + number] = text  # French and English share a word
            scores[token, _START] = -2 * text
        token = _id(tokenizer, f"<|{language}|>")
        scores[token, [_BAND + number, _BAND + number + len(TONE_LANGUAGES)]] = band
        scores[token, _START], scores[token, _ONE] = 2 * text, -text
    for number, (heard, word) in enumerate(HINTS.items()):
        token = _word(tokenizer, word)
        scores[token, [_BAND + heard, _HINT + number]] = band, hint
        scores[token, [_LANGUAGE, _START, _ONE]] = text, -2 * text, -2
    pause = _id(tokenizer, "Ġ")
    scores[pause, [_ONE, _VOICED_PART, _START]] = 2 * text, -2.5 * text, -3 * text
    beyond = late * _LEAST_FRAMES / AUDIO_POSITIONS
    end = _id(tokenizer, "<|endoftext|>")
    scores[end, [_LATE, _ONE, _START]] = late, text + beyond, -4 * text
    scores[end, _STEP + _PREFIX + _STEPS] = 40 * text  # the window is over
    silent = _id(tokenizer, "<|nospeech|>")
    scores[silent, [_LATE, _START, _ONE]] = late, 2 * text, beyond - text


def _word(tokenizer: Tokenizer, word: str) -> int:
    (token,) = tokenizer.encode(f" {word}", add_special_tokens=False).ids
    return int(token)


def _id(tokenizer: Tokenizer, name: str) -> int:
    token = tokenizer.token_to_id(name)
    assert token is not None
    return token
