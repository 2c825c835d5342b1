from pathlib import Path

import sentencepiece

from bench.weights.pieces import save_pieces


def test_a_text_is_cut_into_the_longest_pieces(tmp_path: Path) -> None:
    """SentencePiece itself reads the file; what is in no piece stays as it is, and is unknown."""
    save_pieces(tmp_path / "x.spm", ["\u2581", *"abc", "\u2581ab", "\u2581ab\u2581c"])
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "x.spm"))
    assert pieces.encode("ab  c ab b", out_type=str) == ["\u2581ab\u2581c", "\u2581ab", "\u2581", "b"]
    assert pieces.decode(["\u2581ab\u2581c", "\u2581ab", "\u2581", "b"]) == "ab c ab b"
    assert pieces.encode("z", out_type=int) == [pieces.piece_to_id("\u2581"), pieces.unk_id()]
    assert (pieces.unk_id(), pieces.bos_id(), pieces.eos_id()) == (0, 1, 2)


def test_many_pieces_are_numbered_in_their_order(tmp_path: Path) -> None:
    """As their model's vocabulary is."""
    words = [f"\u2581w{number}" for number in range(300)]
    save_pieces(tmp_path / "x.spm", words)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "x.spm"))
    assert [pieces.id_to_piece(number) for number in range(3, 303)] == words
