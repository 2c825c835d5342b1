"""What every Whisper needs around its network: the tokens before the text, and the words that the text's tokens spell.

The layout of the tokens is that of Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022).
"""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

MAX_SECONDS: Final = 30
"""What the network hears at a time; it was trained on windows padded to this length."""
MAX_TEXT_TOKENS: Final = 224
"""Half of the decoder's positions; the other half is for what comes before the text."""

_MAX_PREVIOUS_TOKENS: Final = MAX_TEXT_TOKENS - 1  # beside the token that says what they are
_MAX_SAID_TOKENS: Final = 112  # of those; phrases get the rest
_PREVIOUS_STEP: Final = 16  # see `previous_tokens`
_MAX_CHARACTER_TOKENS: Final = 4  # a character has at most four bytes
_BROKEN: Final = "\ufffd"
_SPACELESS: Final = frozenset({"ja", "km", "lo", "my", "th", "yue", "zh"})
_OTHER_NAMES: Final = {"fil": "tl", "jv": "jw", "nb": "no"}  # languages that Whisper calls by another code

Decode = Callable[[Sequence[int]], str]
"""The text that tokens spell."""


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """The ids of the tokens that are no text."""

    end: int
    start: int
    previous: int
    transcribe: int
    no_speech: int
    no_timestamps: int
    languages: Mapping[str, int]

    @classmethod
    def find(cls, id_of: Callable[[str], int | None], token_of: Callable[[int], str | None]) -> Self:
        """Those of a tokenizer, by its two directions.

        Raises:
            ValueError: It is none of Whisper's.
        """
        return cls(
            end=_known(id_of, "endoftext"),
            start=(start := _known(id_of, "startoftranscript")),
            previous=_known(id_of, "startofprev"),
            transcribe=_known(id_of, "transcribe"),
            no_speech=_known(id_of, "nospeech", "nocaptions"),
            no_timestamps=_known(id_of, "notimestamps"),
            languages={
                str(token_of(position)).strip("<|>"): position
                for position in range(start + 1, _known(id_of, "translate"))
            },
        )

    def language(self, code: str) -> int:
        """The token of a language.

        Raises:
            ValueError: There is none.
        """
        token = self.languages.get(_OTHER_NAMES.get(code, code))
        if token is None:
            raise ValueError(f"Whisper has no language {code!r}; it has {' '.join(sorted(self.languages))}")
        return token


def previous_tokens(phrases: Iterable[Sequence[int]], said: Sequence[int]) -> list[int]:
    """What stands behind the token `previous`: phrases that may be said, then what was said before.

    As many whole phrases as there is room for, the first ones first, and the end of what was said. Of that the oldest
    tokens are left out so that the length is a multiple of 16, where it is above: an engine can only decode together
    what has a prefix of equal length.
    """
    kept = list(said[-_MAX_SAID_TOKENS:])
    hints: list[int] = []
    for phrase in phrases:
        if len(hints) + len(phrase) + len(kept) > _MAX_PREVIOUS_TOKENS:
            break
        hints += phrase
    length = len(hints) + len(kept)
    surplus = length % _PREVIOUS_STEP if length > _PREVIOUS_STEP else 0
    return hints + kept[surplus:]


def compression_ratio(text: str) -> float:
    """Bytes of a text by bytes of it compressed: text that repeats itself has a high one. 0 of no text."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


class WordSpan(NamedTuple):
    """A word and its tokens, as positions among those of the text; the end is exclusive."""

    text: str
    first: int
    end: int


def split_words(tokens: Sequence[int], decode: Decode, language: str) -> list[WordSpan]:
    """The words that tokens spell. Where a language writes no spaces, each token with a letter is a word.

    Args:
        tokens: Text alone, without special tokens.
        decode: Spells them.
        language: Which language it is, as Whisper calls it.
    """
    words: list[WordSpan] = []
    for piece in _characters(tokens, decode):
        if words and not _starts_word(words[-1].text, piece.text, language):
            words[-1] = WordSpan(words[-1].text + piece.text, words[-1].first, piece.end)
        else:
            words.append(piece)
    return [WordSpan(text, word.first, word.end) for word in words if (text := word.text.replace(_BROKEN, "").strip())]


def _known(id_of: Callable[[str], int | None], *names: str) -> int:
    ids = (id_of(f"<|{name}|>") for name in names)
    found = next((position for position in ids if position is not None), None)
    if found is None:
        raise ValueError(f"the tokenizer has no <|{names[0]}|>: it is not one of Whisper's")
    return found


def _characters(tokens: Sequence[int], decode: Decode) -> Iterable[WordSpan]:
    """The smallest groups of tokens that spell whole characters: a token may hold a part of one."""
    first = 0
    for end in range(1, len(tokens) + 1):
        text = decode(tokens[first:end])
        if _BROKEN not in text or end - first == _MAX_CHARACTER_TOKENS or end == len(tokens):
            yield WordSpan(text, first, end)
            first = end


def _starts_word(before: str, text: str, language: str) -> bool:
    if text.startswith(" "):
        return True
    has_letter = any(map(str.isalnum, text))
    return language in _SPACELESS and has_letter and any(map(str.isalnum, before))
