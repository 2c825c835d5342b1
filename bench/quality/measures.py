"""All figures of some sessions, from their logs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.quality import lags
from bench.quality.figures import Figure, Figures, Spread, present
from bench.quality.session_log import SessionLog
from bench.quality.steadiness import committed, normalized_erasure, partial_stability, shown, words_shown
from bench.quality.streaming import streaming
from bench.quality.translation_quality import translation_quality
from bench.quality.word_errors import word_error_rate

_T = TypeVar("_T")

TranslateAll = Callable[[list[str]], list[str]]
"""The same machine translation, of texts that need no recognizing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures, and how those of translation quality were made."""

    figures: Figures
    signatures: tuple[str, ...] = ()


def measure(logs: Sequence[SessionLog], translate_all: TranslateAll) -> Measured:
    """Everything that can be told of sessions that heard somebody speak, taken together."""
    figures: dict[str, Figure | None] = {"word_error_rate": word_error_rate(logs), **_lags(logs), **_steadiness(logs)}
    signatures: tuple[str, ...] = ()
    if all(sentence.translation for log in logs for sentence in log.header.sentences):
        translated, signatures = _translation(logs, translate_all)
        figures |= translated
    return Measured(present({**figures, **_pace(logs)}), signatures)


def measure_nothing(logs: Sequence[SessionLog]) -> Measured:
    """What was shown where nobody spoke."""
    figures = {"words_shown": float(words_shown(logs)), "real_time_factor": lags.real_time_factor(logs)}
    return Measured(figures)


def _lags(logs: Sequence[SessionLog]) -> dict[str, Figure | None]:
    first_partials = list(_each(logs, lags.first_partials))
    shown_partials = [seconds for seconds in first_partials if seconds is not None]
    return {
        "first_partial_seconds": Spread.of(shown_partials),
        "sentences_never_shown": float(len(first_partials) - len(shown_partials)),
        "transcript_commit_lag_seconds": Spread.of(_each(logs, lags.transcript_commits)),
        "translation_commit_lag_seconds": Spread.of(_each(logs, lags.translation_commits)),
        "first_audio_seconds": Spread.of(_each(logs, lags.first_audio)),
        "final_transcript_lag_seconds": Spread.of(_each(logs, lambda log: lags.finals(log, "transcript"))),
        "final_translation_lag_seconds": Spread.of(_each(logs, lambda log: lags.finals(log, "translation"))),
    }


def _steadiness(logs: Sequence[SessionLog]) -> dict[str, Figure | None]:
    figures: dict[str, Figure | None] = {}
    for kind in ("transcript", "translation"):
        figures[f"{kind}_erasure_committed"] = normalized_erasure(logs, kind, committed)
        figures[f"{kind}_erasure_shown"] = normalized_erasure(logs, kind, shown)
        figures[f"{kind}_partial_stability"] = partial_stability(logs, kind)
    return figures


def _translation(
    logs: Sequence[SessionLog], translate_all: TranslateAll
) -> tuple[dict[str, Figure | None], tuple[str, ...]]:
    stream = streaming(logs)
    score = translation_quality(stream.translations, stream.references)
    truth = [sentence.text for log in logs for sentence in log.header.sentences]
    of_truth = translation_quality(translate_all(truth), stream.references)
    figures: dict[str, Figure | None] = {
        "bleu": score.bleu,
        "chrf": score.chrf,
        "bleu_of_true_transcript": of_truth.bleu,
        "chrf_of_true_transcript": of_truth.chrf,
        "bleu_share": round(score.bleu / of_truth.bleu, 4) if of_truth.bleu else None,
        "long_yaal_seconds": stream.long_yaal_seconds,
        "stream_laal_seconds": stream.stream_laal_seconds,
    }
    return figures, score.signatures


def _pace(logs: Sequence[SessionLog]) -> dict[str, Figure | None]:
    return {
        "real_time_factor": lags.real_time_factor(logs),
        "pacing_slip_seconds": Spread.of(_each(logs, lags.pacing_slip)),
        "notices": float(sum(1 for log in logs for _ in log.of("notice"))),
    }


def _each(logs: Iterable[SessionLog], values_of: Callable[[SessionLog], Iterable[_T]]) -> Iterable[_T]:
    return (value for log in logs for value in values_of(log))
