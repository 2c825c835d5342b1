from pathlib import Path

from bench.quality.chart import draw
from bench.quality.figures import Figures, Spread


def test_a_picture_is_drawn_of_whatever_was_measured(tmp_path: Path) -> None:
    """With and without translations, without a lag, and where nobody spoke."""
    lag = Spread(9, 1.0, 2.0, 3.0)
    transcript: Figures = {"word_error_rate": 0.05, "transcript_commit_lag_seconds": lag}
    translation: Figures = {"bleu": 20.0, "bleu_of_true_transcript": 25.0, "translation_commit_lag_seconds": lag}
    results: dict[str, Figures] = {
        "all": {**transcript, **translation, "long_yaal_seconds": 2.5},
        "nothing translated": {"word_error_rate": 1.0, "bleu": 0.0, "bleu_of_true_transcript": 25.0},
        "captions": transcript,
        "silence": {"words_shown": 0.0},
    }
    draw(results, tmp_path / "all.png")
    draw({}, tmp_path / "none.png")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "all.png").stat().st_size > (tmp_path / "none.png").stat().st_size
