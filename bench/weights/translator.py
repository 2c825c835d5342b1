"""Translation models in the very files that `mt_ct2` loads: a dictionary, many pairs in one, and true-sized noise."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ctranslate2.specs import TransformerSpec, common_spec

from bench.weights.arranged import POSITIONS, Lexicon, arrange
from bench.weights.noise import SIZES, fill
from bench.weights.pieces import SPACE, save_pieces
from livetranslate.weights import DESCRIPTION, Weights, describe_file, write_weights

# Copied as they are: printable ASCII, Latin-1's letters and marks, the apostrophe and the three dots.
_LETTERS: Final = [
    *map(chr, range(0x21, 0x7F)),
    *map(chr, range(0xA1, 0x100)),
    *"\u2026\u2013\u2014\u2018\u2019\u201c\u201d",
    SPACE,
]
_END: Final = "</s>"
_PROFILES: Final = ("cpu", "openvino", "gpu")
_NLLB_CODES: Final = {
    "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "de": "deu_Latn", "vi": "vie_Latn", "it": "ita_Latn",
    "pt": "por_Latn",
}  # fmt: skip


def save_dictionary_translator(folder: Path, source: str, target: str, words: Mapping[str, str]) -> None:
    """A model in OPUS-MT's files that translates word for word.

    Each word has its translation also with a capital letter. A translation may be several words; a word of the source
    is one. Marks are copied, and so is an unknown word, letter by letter. A letter beyond Latin-1 which no word has
    becomes a question mark. With a prefix of as many tokens as the source has before it, the translation goes on there.

    Args:
        folder: Where to write; its name is that of the weights.
        source: BCP-47.
        target: BCP-47.
        words: The dictionary.
    """
    pieces = {SPACE + word: SPACE + other.replace(" ", SPACE) for word, other in _with_capitals(words).items()}
    known = _unique([*_LETTERS, *_letters_of(words), *pieces, *pieces.values()])
    vocabulary = ["</s>", "<unk>", *known]  # Marian's order
    lexicon = Lexicon(
        vocabulary,
        {"<unk>": frozenset("?"), **{piece: frozenset({other}) for piece, other in pieces.items()}},
        letters=frozenset(filter(str.isalnum, known)),
        stems=frozenset(pieces),
    )
    spec = _opus_spec(1, 1)
    arrange(spec, lexicon)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("source.spm", "target.spm"):
        save_pieces(folder / name, known)
    _save(spec, vocabulary, folder)
    _describe(folder, {"language_pairs": f"{source}-{target}", "max_tokens": str(POSITIONS)})


def save_many_pairs_translator(folder: Path, words: Sequence[Mapping[str, str]], tokenization: str = "nllb") -> None:
    """A model in the files of NLLB or M2M-100 that translates word for word between all its languages.

    It does as the dictionary does, but that an unknown word must not begin with a known one.

    Args:
        folder: Where to write.
        words: Each in all languages, e.g. `{"en": "dog", "es": "perro"}`.
        tokenization: `nllb` or `m2m100`.
    """
    languages = _unique(language for word in words for language in word)
    named = {language: _NLLB_CODES[language] if tokenization == "nllb" else f"__{language}__" for language in languages}
    translations, own = _many_translations(words, languages)
    known = _unique([*_LETTERS, *_letters_of(text for word in words for text in word.values()), *translations])
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *known, *named.values()]
    everywhere = set(vocabulary) - set(translations)
    lexicon = Lexicon(
        vocabulary,
        {"<unk>": frozenset("?"), **translations},
        {named[language]: own[language] | everywhere for language in languages},
    )
    spec = _many_pairs_spec(1, 1)
    arrange(spec, lexicon)
    folder.mkdir(parents=True, exist_ok=True)
    save_pieces(folder / "sentencepiece.bpe.model", known)
    _save(spec, vocabulary, folder)
    parameters = {"tokenization": tokenization, "language_pairs": _all_pairs(languages), "max_tokens": str(POSITIONS)}
    if tokenization == "nllb":
        parameters["language_codes"] = " ".join(f"{language}:{code}" for language, code in named.items())
    _describe(folder, parameters)


def _many_translations(
    words: Sequence[Mapping[str, str]], languages: Iterable[str]
) -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    """The translations of each piece, and the pieces of each language; words with a capital letter are added."""
    translations: dict[str, frozenset[str]] = {}
    own: dict[str, frozenset[str]] = dict.fromkeys(languages, frozenset())
    capitals = [{language: _capital(text) for language, text in word.items()} for word in words]
    for variants in (words, capitals):
        known = frozenset(translations)  # what has a capital letter anyway, as German nouns do, stays as it is
        for variant in variants:
            pieces = {language: SPACE + text.replace(" ", SPACE) for language, text in variant.items()}
            for language, piece in pieces.items():
                own[language] |= {piece}
                if piece not in known:
                    translations[piece] = translations.get(piece, frozenset()) | set(pieces.values())
    return translations, own


def save_random_translator(folder: Path, size: str = "opus-base") -> None:
    """A model of true dimensions that writes noise, one token for each of the source and a few more.

    It costs what a real one costs; it never ends a text by itself.

    Args:
        folder: Where to write.
        size: One of `SIZES`.
    """
    dimensions = SIZES[size]
    is_opus = size.startswith("opus")
    languages = [] if is_opus else list(_NLLB_CODES.values())
    special = ["</s>", "<unk>"] if is_opus else ["<s>", "<pad>", "</s>", "<unk>"]
    count = dimensions.vocabulary - len(special) - len(languages)
    known = [*_LETTERS, *(f"{SPACE}w{number}" for number in range(count - len(_LETTERS)))]
    spec = (_opus_spec if is_opus else _many_pairs_spec)(dimensions.layers, dimensions.heads)
    fill(spec, dimensions)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("source.spm", "target.spm") if is_opus else ("sentencepiece.bpe.model",):
        save_pieces(folder / name, known)
    _save(spec, [*special, *known, *languages], folder, quantization=None)
    parameters = {"max_tokens": str(dimensions.positions), "output_ratio": "1", "output_extra": "4"}
    if is_opus:
        parameters["language_pairs"] = "en-es"
    else:
        codes = " ".join(f"{language}:{code}" for language, code in _NLLB_CODES.items())
        parameters |= {"tokenization": "nllb", "language_pairs": _all_pairs(_NLLB_CODES), "language_codes": codes}
    _describe(folder, parameters)


def _opus_spec(layers: int, heads: int) -> TransformerSpec:
    """As CTranslate2's converter reads a Marian model."""
    spec = TransformerSpec.from_config(layers, heads, pre_norm=False, activation=common_spec.Activation.SWISH)
    spec.decoder.start_from_zero_embedding = True
    spec.config.decoder_start_token = _END
    return spec


def _many_pairs_spec(layers: int, heads: int) -> TransformerSpec:
    """As CTranslate2's converter reads an M2M-100 or NLLB model."""
    spec = TransformerSpec.from_config(layers, heads, pre_norm=True, activation=common_spec.Activation.RELU)
    spec.config.decoder_start_token = _END
    return spec


def _save(spec: TransformerSpec, vocabulary: list[str], folder: Path, quantization: str | None = "int8") -> None:
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization)
    spec.save(str(folder))


def _describe(folder: Path, parameters: Mapping[str, str]) -> None:
    files = {path.name: describe_file(path) for path in sorted(folder.iterdir()) if path.name != DESCRIPTION}
    memory_mib = 100 + sum(file.size_bytes for file in files.values()) // 2**20  # 100: the process itself
    write_weights(
        Weights(
            name=folder.name,
            engine="mt_ct2",
            profiles=_PROFILES,
            license="Apache-2.0",
            memory_mib=dict.fromkeys(_PROFILES, memory_mib),
            parameters=parameters,
            files=files,
            folder=folder,
        )
    )


def _with_capitals(words: Mapping[str, str]) -> Mapping[str, str]:
    """The words as they are, and as they begin a sentence."""
    return {_capital(word): _capital(other) for word, other in words.items()} | dict(words)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _letters_of(words: Iterable[str]) -> list[str]:
    return sorted({letter for word in words for letter in word} - {" "})


def _all_pairs(languages: Iterable[str]) -> str:
    known = list(languages)
    return " ".join(f"{source}-{target}" for source in known for target in known if source != target)


def _unique(tokens: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tokens))
