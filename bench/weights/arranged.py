"""A transformer whose weights are set by hand: it translates word for word, and its answers are known.

Each token, position and language has a code, a row of a Hadamard matrix: all are orthogonal, have the same length and
a mean of 0, so that layer normalization only scales them. What a layer does is then a sum of "from this code to that":

    encoder     memory[j]    = token[j] + position[j] + "a letter follows", if one does
    decoder n   self         finds the language token among what is already written, and adds its language's code
                attention    looks at memory[n], and adds the translations of its token, into all languages
                projection   of a token: its own code + the codes of the languages that it belongs to

What is a translation and belongs to the language has twice what anything else has. Pieces of text know nothing of what
follows: of "wet" the piece of "we" may be cut off. So what is to be copied before a letter gets a part of what its
translation has, and, where a letter follows, more than that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from ctranslate2.specs import TransformerSpec, common_spec

POSITIONS: Final = 256
"""Tokens that a text, or its translation, may have."""

_FEED_FORWARD = 8  # all zero: as narrow as may be
_GAIN = 8.0  # of what attention says, over the token written before
_SHARPNESS = 16.0  # of attention: one position gets everything
_LOGITS = 100.0  # of the right token: the next best has three quarters of it at most
_COPY = 0.75  # of a translation: what its source has …
_COPY_BEFORE_LETTER = 0.6  # … and so much more where a letter follows


@dataclass(frozen=True)
class Lexicon:
    """What an arranged transformer knows.

    Attributes:
        vocabulary: All tokens.
        translations: Those of each token in all languages; a token without any is translated as itself.
        languages: The tokens that name a language, with the tokens that belong to it.
        letters: The tokens that carry on a word.
        stems: The tokens that are copied where a letter follows.
    """

    vocabulary: Sequence[str]
    translations: Mapping[str, frozenset[str]]
    languages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    letters: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()


def arrange(spec: TransformerSpec, lexicon: Lexicon) -> None:
    """Set all weights of a transformer with one layer and one head on each side."""
    codes = _Codes(lexicon)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = codes.positions
        if side.pre_norm:
            _set_norm(side.layer_norm, codes.size)
        _set_norm(side.layer[0].self_attention.layer_norm, codes.size)
        _set_feed_forward(side.layer[0].ffn, codes.size)
    # The engine multiplies embeddings by the root of their size.
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = codes.tokens / np.sqrt(codes.size)
    _set_letter_attention(spec.encoder.layer[0].self_attention, lexicon, codes)
    _set_language_attention(spec.decoder.layer[0].self_attention, lexicon, codes)
    _set_word_attention(spec.decoder.layer[0].attention, lexicon, codes)
    _set_projection(spec.decoder.projection, lexicon, codes)


class _Codes:
    """An orthogonal code for everything."""

    def __init__(self, lexicon: Lexicon) -> None:
        count = len(lexicon.vocabulary)
        rows = _hadamard(count + POSITIONS + len(lexicon.languages) + 3)[1:]  # all but the first have a mean of 0
        self.size = rows.shape[1]
        self.ids = {token: index for index, token in enumerate(lexicon.vocabulary)}
        self.tokens = rows[:count]
        self.positions = rows[count : count + POSITIONS]
        self.names_language, self.letter_follows = rows[count + POSITIONS : count + POSITIONS + 2]
        self.languages = dict(zip(lexicon.languages, rows[count + POSITIONS + 2 :], strict=False))

    def token(self, token: str) -> Any:
        return self.tokens[self.ids[token]]


def _hadamard(rows: int) -> Any:
    """Sylvester's construction, with at least so many rows."""
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < rows:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _set_letter_attention(spec: Any, lexicon: Lexicon, codes: _Codes) -> None:
    """Each position looks at the next, and notes whether a letter is there."""
    here, following = codes.positions[:-1], codes.positions[1:]
    queries = _SHARPNESS * following.T @ here / codes.size
    keys = codes.positions.T @ codes.positions / codes.size
    letters = sum((codes.token(letter) for letter in sorted(lexicon.letters)), np.zeros(codes.size, np.float32))
    spec.linear[0].weight = np.concatenate([queries, keys, np.outer(codes.letter_follows, letters) / codes.size])
    spec.linear[1].weight = np.eye(codes.size, dtype=np.float32)


def _set_language_attention(spec: Any, lexicon: Lexicon, codes: _Codes) -> None:
    nothing = np.zeros((codes.size, codes.size), np.float32)
    queries, keys, values = nothing.copy(), nothing.copy(), nothing.copy()
    if lexicon.languages:
        queries = _SHARPNESS * np.outer(codes.names_language, codes.positions.sum(axis=0)) / codes.size
    for language, code in codes.languages.items():
        keys += np.outer(codes.names_language, codes.token(language)) / codes.size
        values += np.outer(code, codes.token(language)) / codes.size
    spec.linear[0].weight = np.concatenate([queries, keys, values])
    spec.linear[1].weight = _GAIN * np.eye(codes.size, dtype=np.float32)


def _set_word_attention(spec: Any, lexicon: Lexicon, codes: _Codes) -> None:
    _set_norm(spec.layer_norm, codes.size)
    places = codes.positions.T @ codes.positions / codes.size
    translated = np.stack([_translated(token, lexicon, codes) for token in lexicon.vocabulary])
    values = translated.T @ codes.tokens + _COPY_BEFORE_LETTER * np.outer(codes.letter_follows, codes.letter_follows)
    spec.linear[0].weight = _SHARPNESS * places
    spec.linear[1].weight = np.concatenate([places, values / codes.size])
    spec.linear[2].weight = _GAIN * np.eye(codes.size, dtype=np.float32)


def _translated(token: str, lexicon: Lexicon, codes: _Codes) -> Any:
    """The codes of a token's translations, and some of its own where it may have to be copied."""
    translations = lexicon.translations.get(token, {token})
    own = _COPY * codes.token(token) if token in lexicon.stems - translations else 0
    return sum((codes.token(other) for other in sorted(translations)), own)


def _set_projection(spec: Any, lexicon: Lexicon, codes: _Codes) -> None:
    weight = codes.tokens.copy()
    for language, tokens in lexicon.languages.items():
        weight[[codes.ids[token] for token in sorted(tokens)]] += codes.languages[language]
    weight[[codes.ids[token] for token in sorted(lexicon.stems)]] += codes.letter_follows
    spec.weight = _LOGITS * weight / codes.size


def _set_feed_forward(spec: Any, size: int) -> None:
    _set_norm(spec.layer_norm, size)
    spec.linear_0.weight = np.zeros((_FEED_FORWARD, size), np.float32)
    spec.linear_1.weight = np.zeros((size, _FEED_FORWARD), np.float32)


def _set_norm(spec: common_spec.LayerNormSpec, size: int) -> None:
    spec.gamma = np.ones(size, np.float32)
    spec.beta = np.zeros(size, np.float32)
