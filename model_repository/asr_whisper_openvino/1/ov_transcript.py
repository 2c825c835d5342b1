"""Words and their times, from tokens.

Where the decoder tells where it looked, that tells when each word was said. Otherwise its timestamps tell when a phrase
or a sentence begins and ends, in steps of 20 ms, and words get of that time by their letters: good enough to cut a
window between sentences, coarse for each word.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np
from ov_alignment import token_frames
from ov_greedy import Decoded
from ov_rules import Rules

from livetranslate.engine.transcript import Transcript, Word
from livetranslate.engine.whisper_text import Decode, WordSpan, compression_ratio, split_words

FRAME_SAMPLES = 320  # 20 ms: of the encoder's frames, and from one timestamp to the next


def transcript(decoded: Decoded, language: tuple[str, float], length: int, rules: Rules, spell: Decode) -> Transcript:
    """What was decoded of a window of `length` samples, in a language of a probability."""
    if rules.has_timestamps:
        words = list(_words_by_timestamps(decoded, length, rules, language[0], spell))
    else:
        words = list(_words_by_attention(decoded, length, language[0], spell))
    return Transcript(
        words=tuple(words),
        language=language[0],
        language_probability=language[1],
        no_speech_probability=decoded.no_speech_probability,
        mean_log_probability=decoded.mean_log_probability,
        compression_ratio=compression_ratio(" ".join(word.text for word in words)),
    )


def _words_by_attention(decoded: Decoded, length: int, language: str, spell: Decode) -> Iterator[Word]:
    if not decoded.tokens:
        return
    heard = max(1, -(-length // FRAME_SAMPLES))
    frames = token_frames(np.stack(decoded.attention)[:, :, :heard])
    times = [min(length, frame * FRAME_SAMPLES) for frame in [*frames, heard]]
    for span in split_words(decoded.tokens, spell, language):
        yield Word(span.text, times[span.first], times[span.end], _confidence(decoded, span.first, span.end))


def _words_by_timestamps(decoded: Decoded, length: int, rules: Rules, language: str, spell: Decode) -> Iterator[Word]:
    tokens = decoded.tokens
    places = [position for position, token in enumerate(tokens) if token >= rules.first_timestamp]
    times = [min(length, (tokens[place] - rules.first_timestamp) * FRAME_SAMPLES) for place in places]
    marks = [*zip(places, times, strict=True), (len(tokens), length)]
    for (before, start_sample), (end, end_sample) in pairwise(marks):
        spans = split_words(tokens[before + 1 : end], spell, language)
        shares = _shares(spans, start_sample, end_sample)
        for span, (start, until) in zip(spans, pairwise(shares), strict=True):
            confidence = _confidence(decoded, before + 1 + span.first, before + 1 + span.end)
            yield Word(span.text, start, until, confidence)


def _shares(spans: Sequence[WordSpan], start_sample: int, end_sample: int) -> list[int]:
    """Where words begin that have each as much time as letters, and where the last one ends."""
    letters = list(accumulate((len(span.text) for span in spans), initial=0))
    return [start_sample + (end_sample - start_sample) * count // max(1, letters[-1]) for count in letters]


def _confidence(decoded: Decoded, first: int, end: int) -> float:
    """The mean probability of a word's tokens."""
    return sum(map(math.exp, decoded.log_probabilities[first:end])) / (end - first)
