"""What the captions are to be like, with the engines that come with the project, on two cores, one session."""

from dataclasses import dataclass

from bench.quality.figures import HIGHER_IS_BETTER


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound for a number, by its flat name."""

    number: str
    bound: float

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.number in HIGHER_IS_BETTER else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.number in HIGHER_IS_BETTER else '≤'} {self.bound:g}"


TALK = (
    Aim("word_error_rate", 0.08),
    Aim("first_partial_seconds.p50", 0.7),
    Aim("sentences_never_shown", 0),
    Aim("transcript_commit_lag_seconds.p50", 1.5),
    Aim("transcript_commit_lag_seconds.p95", 3.0),
    Aim("translation_commit_lag_seconds.p50", 2.5),
    Aim("first_audio_seconds.p95", 0.5),
    Aim("transcript_erasure_committed", 0),
    Aim("transcript_erasure_shown", 0.3),
    Aim("translation_erasure_committed", 0),
    Aim("translation_erasure_shown", 0.3),
    Aim("bleu_share", 0.9),
)
"""Of one long talk; the policy SEGMENTS, which waits for whole segments, is measured for comparison."""

NOTHING = (Aim("words_shown", 0),)
"""Of sound in which nobody speaks."""
