from pathlib import Path

import numpy as np
import pytest

from bench.quality.material import Recording, as_one_stream, from_table, one_by_one, split_at_pauses, voiced_ranges
from livetranslate.samples import SAMPLE_RATE_HERTZ
from tests.asr.talk import FOLDER, needs_talk, sentences
from tests.asr.talk import talk as talk_samples


def sound(*parts: tuple[float, int]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Stretches of some seconds of a constant level."""
    return np.concatenate([np.full(round(seconds * SAMPLE_RATE_HERTZ), level, np.int16) for seconds, level in parts])


def test_sentences_are_where_their_sound_is() -> None:
    """The silence at both ends of a recording, and the pause before it, belong to no sentence."""
    recording = Recording(sound((0.2, 5), (1.0, 3000), (0.3, 5)), "One.", "Uno.")
    stream = as_one_stream("two", [recording, recording])
    assert [(s.start, s.end) for s in stream.sentences] == [pytest.approx((0.9, 1.9)), pytest.approx((3.1, 4.1))]
    assert stream.seconds == pytest.approx(2 * (0.7 + 1.5))
    assert [s.translation for s in stream.sentences] == ["Uno.", "Uno."]


def test_files_are_played_as_they_are() -> None:
    """Each is a session of its own, without a pause before it."""
    [first, second] = one_by_one("file", [Recording(sound((0.2, 5), (1.0, 3000)), "One.")] * 2)
    assert (first.name, second.name) == ("file-01", "file-02")
    [sentence] = second.sentences
    assert sentence.text == "One."
    assert (sentence.start, sentence.end) == pytest.approx((0.2, 1.2))


def test_a_short_pause_divides_nothing() -> None:
    """Only a pause as long as those between sentences does."""
    ranges = voiced_ranges(sound((0.1, 0), (1.0, 900), (0.5, 0), (1.0, 900), (0.9, 0), (0.5, 900)))
    assert [(start / 1600, end / 1600) for start, end in ranges] == [(1, 26), (35, 40)]


def test_a_recording_that_is_not_what_its_text_says_is_refused() -> None:
    """Two sentences cannot be found in one stretch of speech."""
    with pytest.raises(ValueError, match="one: 2 sentences, but 1 stretches of speech"):
        split_at_pauses("one", sound((0.1, 0), (1.0, 900)), ["One.", "Two."], ["Uno.", "Dos."])


@needs_talk
def test_the_talk_is_that_of_the_other_tests() -> None:
    """The same samples, and the same sentences."""
    stream = as_one_stream("talk", from_table(Path(FOLDER) / "talk.tsv"))
    assert np.array_equal(stream.samples, talk_samples())
    assert [sentence.text for sentence in stream.sentences] == sentences()
