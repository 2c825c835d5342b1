from collections.abc import Sequence

import pytest

from livetranslate.engine.whisper_text import SpecialTokens, WordSpan, compression_ratio, previous_tokens, split_words

SPECIALS = ("endoftext", "startoftranscript", "en", "no", "jw", "translate", "transcribe", "startofprev", "nospeech")
TOKENS = [f"<|{name}|>" for name in (*SPECIALS, "notimestamps")]


def find(tokens: Sequence[str]) -> SpecialTokens:
    ids = {token: position for position, token in enumerate(tokens)}
    return SpecialTokens.find(ids.get, dict(enumerate(tokens)).get)


def test_special_tokens_are_found_by_name() -> None:
    """Also under the name that the last of them had first, and languages that Whisper calls otherwise."""
    found = find(TOKENS)
    assert (found.end, found.start, found.previous, found.no_timestamps) == (0, 1, 7, 9)
    assert found.languages == {"en": 2, "no": 3, "jw": 4}
    assert [found.language(code) for code in ("en", "nb", "jv")] == [2, 3, 4]
    assert find([token.replace("nospeech", "nocaptions") for token in TOKENS]).no_speech == 8


def test_what_is_not_whisper_is_told() -> None:
    """A tokenizer without its tokens, and a language that it does not have."""
    with pytest.raises(ValueError, match=r"no <\|startofprev\|>"):
        find([token for token in TOKENS if "prev" not in token])
    with pytest.raises(ValueError, match="no language 'xx'; it has en jw no"):
        find(TOKENS).language("xx")


def test_phrases_come_before_what_was_said() -> None:
    """Short hints are all there."""
    assert previous_tokens([[1, 2], [3]], [4, 5]) == [1, 2, 3, 4, 5]
    assert previous_tokens([], []) == []


def test_the_oldest_words_make_way() -> None:
    """Long hints: every phrase that fits is whole, what was said keeps its end, and lengths are multiples of 16."""
    said = list(range(1000, 1300))
    phrases = [[phrase] * 10 for phrase in range(30)]
    tokens = previous_tokens(phrases, said)
    assert len(tokens) == 208
    assert tokens[:110] == [token for phrase in phrases[:11] for token in phrase]
    assert tokens[110:] == said[-98:]
    assert previous_tokens([], said[:21]) == said[5:21]


def test_phrases_alone_are_never_cut() -> None:
    """However long they are together."""
    assert len(previous_tokens([[7] * 21], [])) == 21
    assert len(previous_tokens([[7] * 21], [1, 2])) == 21
    assert len(previous_tokens([[7] * 21] * 20, [])) == 210


def test_text_that_repeats_itself_compresses_well() -> None:
    """Ordinary text does not, and no text has no ratio."""
    assert compression_ratio("thank you " * 20) > 2.4
    assert compression_ratio("The meeting starts at ten.") < 1.5
    assert compression_ratio("") == 0


def spell(pieces: Sequence[bytes], language: str = "en") -> list[WordSpan]:
    """The words of tokens that stand for bytes."""

    def decode(tokens: Sequence[int]) -> str:
        return b"".join(pieces[token] for token in tokens).decode(errors="replace")

    return split_words(range(len(pieces)), decode, language)


def test_words_are_what_stands_between_spaces() -> None:
    """Marks belong to the word they are written with; spaces alone are none."""
    assert spell([b" Hel", b"lo", b",", b" ", b" you", b"."]) == [("Hello,", 0, 3), ("you.", 4, 6)]
    assert spell([b"Ca", b" va", b" ?"]) == [("Ca", 0, 1), ("va", 1, 2), ("?", 2, 3)]
    assert spell([]) == []


def test_a_character_may_take_several_tokens() -> None:
    """Parts of one are never shown, wherever they are cut, and what is broken for good is left out."""
    euro = "€".encode()
    assert spell([b" 5", euro[:1], euro[1:2], euro[2:], b" or"]) == [("5€", 0, 4), ("or", 4, 5)]
    assert spell([b" a", euro[:2]]) == [("a", 0, 2)]
    assert spell([b" a", b"\xff", b" b", b" c", b" d", b" e"]) == [("a b c d", 0, 5), ("e", 5, 6)]


def test_languages_without_spaces_have_words_of_a_token() -> None:
    """Marks stay with what they are written with."""
    pieces = ["「", "今日", "は", "」", "。", "雨"]
    assert spell([piece.encode() for piece in pieces], "ja") == [("「今日", 0, 2), ("は」。", 2, 5), ("雨", 5, 6)]
