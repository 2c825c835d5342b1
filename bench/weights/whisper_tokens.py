"""A tokenizer in the layout of Whisper's: its special tokens are where they really are, its words are made up."""

from collections.abc import Sequence
from itertools import product
from typing import Final

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

_NAMES: Final = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue"
)
LANGUAGES: Final = _NAMES.split()
TEXT_TOKENS: Final = 50_257  # those of GPT-2, and where the special ones begin
TIMESTAMPS: Final = 1_501  # 0 to 30 s by 20 ms
SMALL_VOCABULARY: Final = 51_865  # with 99 languages; large-v3 has one more

_SPACE: Final = "Ġ"  # how a space is written in the vocabulary


def special_tokens(vocabulary: int) -> list[str]:
    """Those of a model, in their order, which follow the text's tokens."""
    languages = LANGUAGES[: 99 + vocabulary - SMALL_VOCABULARY]
    names = ["endoftext", "startoftranscript", *languages, "translate", "transcribe", "startoflm", "startofprev"]
    return [f"<|{name}|>" for name in [*names, "nospeech", "notimestamps"]]


def make_tokenizer(vocabulary: int, words: Sequence[str] = ()) -> Tokenizer:
    """A tokenizer to which each of `words` (with a space before it) is one token."""
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    # In the order of GPT-2: what can be printed stands for itself and comes first; the space is 220.
    letters = sorted(pre_tokenizers.ByteLevel.alphabet(), key=ord)
    text = dict.fromkeys(letters)
    merges: dict[tuple[str, str], None] = {}
    for word in words:
        spelled = byte_level.pre_tokenize_str(f" {word}")[0][0]
        for end in range(2, len(spelled) + 1):
            merges[spelled[: end - 1], spelled[end - 1]] = None
            text[spelled[:end]] = None
    for filler in _made_up_words():
        if len(text) == TEXT_TOKENS - 1:
            break
        text[filler] = None
    text[""] = None  # CTranslate2 knows by it that there are several languages
    ids = {token: position for position, token in enumerate(text)}
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=list(merges)))
    tokenizer.pre_tokenizer = byte_level
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special_tokens(vocabulary))
    timestamps = [f"<|{position * 0.02:.2f}|>" for position in range(TIMESTAMPS)]
    tokenizer.add_tokens([AddedToken(name, special=False) for name in timestamps])
    return tokenizer


def _made_up_words() -> list[str]:
    """More than enough words of one to three syllables, of which every other begins with a space."""
    syllables = [f"{consonant}{vowel}" for consonant, vowel in product("bdfghjklmnprstvwz", "aeiou")]
    made = ("".join(parts) for length in (2, 3) for parts in product(syllables, repeat=length))
    return [f"{_SPACE if position % 2 else ''}{word}" for position, word in zip(range(TEXT_TOKENS), made, strict=False)]
