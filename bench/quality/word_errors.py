"""The word error rate: both sides go through Whisper's English normalizer, as the field has it."""

import warnings
from collections.abc import Iterable, Sequence

import jiwer

from bench.quality.session_log import SessionLog

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # its docstrings have escapes that Python does not know
    from whisper_normalizer.english import EnglishTextNormalizer

_normalize = EnglishTextNormalizer()


def word_error_rate(logs: Iterable[SessionLog]) -> float | None:
    """Substituted, deleted and inserted words for each word said; None where it is not known what was said.

    A session's sentences are compared as one text, so that it makes no difference how it was cut into segments.
    """
    pairs = [(_said(log), transcript(log)) for log in logs if log.header.sentences]
    if not pairs:
        return None
    said, recognized = zip(*pairs, strict=True)
    return round(float(jiwer.wer(_normalized(said), _normalized(recognized))), 4)


def transcript(log: SessionLog) -> str:
    """All that was recognized in the end."""
    return " ".join(history[-1].committed for history in log.histories("transcript").values())


def _said(log: SessionLog) -> str:
    return " ".join(sentence.text for sentence in log.header.sentences)


def _normalized(texts: Sequence[str]) -> list[str]:
    return [_normalize(text) for text in texts]
