from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.model_repository.asr_whisper_openvino.rules import FIRST_TIME, rules
from tests.model_repository.loading import load_sibling

ov_greedy = load_sibling("asr_whisper_openvino", "ov_greedy")
ov_transcript = load_sibling("asr_whisper_openvino", "ov_transcript")

SPELLING = {3: " so", 4: " good", 5: "bye", 6: "."}
SECOND = 16_000


def spell(tokens: Sequence[int]) -> str:
    return "".join(SPELLING[token] for token in tokens)


def decoded(tokens: Sequence[int], looks: Sequence[int] = (), log_probabilities: Sequence[float] = ()) -> Any:
    """A transcript whose tokens were chosen while the decoder looked at these frames and later ones, up to the next."""
    attention = [np.full((1, 1_500), -8.0, np.float32) for _ in looks]
    for row, begin, end in zip(attention, looks, [*looks[1:], 1_500], strict=False):
        row[0, begin:end] = 8
    probabilities = tuple(log_probabilities) or (0.0,) * len(tokens)
    return ov_greedy.Decoded(tuple(tokens), probabilities, tuple(attention), -0.5, 0.25)


def transcript(found: Any, *, has_timestamps: bool, length: int = 5 * SECOND) -> Any:
    return ov_transcript.transcript(found, ("en", 0.75), length, rules(has_timestamps=has_timestamps), spell)


def time(seconds: float) -> int:
    return FIRST_TIME + round(seconds * 50)


def times(found: Any) -> list[tuple[str, float, float]]:
    return [(word.text, word.start_sample / SECOND, word.end_sample / SECOND) for word in found.words]


def test_words_have_the_time_that_the_decoder_looked_at() -> None:
    """From their first token to the next word's, or to the end."""
    found = transcript(decoded([3, 4, 5, 6], [0, 50, 60, 90, 100]), has_timestamps=False)
    assert [word.text for word in found.words] == ["so", "goodbye."]
    np.testing.assert_allclose([start for _, start, _ in times(found)], [0, 1], atol=0.05)
    assert found.words[-1].end_sample == pytest.approx(2 * SECOND, abs=0.05 * SECOND)


def test_nothing_is_later_than_the_audio() -> None:
    """What the decoder saw beyond it is not looked at."""
    found = transcript(decoded([3, 4], [0, 20, 1_000]), has_timestamps=False, length=SECOND)
    assert found.words[0].start_sample == 0
    assert found.words[-1].end_sample <= SECOND


def test_a_transcript_that_was_cut_lasts_to_the_end() -> None:
    """Where no end was chosen, the last word ends with the audio."""
    found = transcript(decoded([3, 4], [0, 50]), has_timestamps=False)
    assert found.words[-1].end_sample == 5 * SECOND


def test_words_between_timestamps_share_the_time_by_letters() -> None:
    """Each phrase has its own time."""
    tokens = [time(0), 3, 4, time(1.2), time(2), 3, time(3)]
    assert times(transcript(decoded(tokens), has_timestamps=True)) == [("so", 0, 0.4), ("good", 0.4, 1.2), ("so", 2, 3)]


def test_a_phrase_without_end_lasts_to_the_end() -> None:
    """And one that ends in what the audio was padded with ends with the audio."""
    assert times(transcript(decoded([time(1), 3]), has_timestamps=True)) == [("so", 1, 5)]
    assert times(transcript(decoded([time(1), 3, time(9)]), has_timestamps=True)) == [("so", 1, 5)]


@pytest.mark.parametrize(
    ("tokens", "has_timestamps"), [([], False), ([time(0)], True), ([time(0), time(1)], True), ([], True)]
)
def test_no_text_is_no_words(tokens: list[int], has_timestamps: bool) -> None:
    """What else is known is told all the same."""
    found = transcript(decoded(tokens, [0]), has_timestamps=has_timestamps)
    assert found.words == ()
    assert (found.language, found.language_probability) == ("en", 0.75)
    assert (found.mean_log_probability, found.no_speech_probability, found.compression_ratio) == (-0.5, 0.25, 0)


def test_a_word_is_as_sure_as_its_tokens() -> None:
    """The mean of their probabilities, whatever its neighbours have."""
    probabilities = [np.log(0.5), np.log(0.9), np.log(0.1), 0.0]
    for has_timestamps, tokens in ((False, [3, 4, 5]), (True, [time(0), 3, 4, 5])):
        found = decoded(tokens, [0, 50, 60, 90], [0.0, *probabilities][-len(tokens) - 1 : -1])
        words = transcript(found, has_timestamps=has_timestamps).words
        assert [word.confidence for word in words] == pytest.approx([0.5, 0.5])
