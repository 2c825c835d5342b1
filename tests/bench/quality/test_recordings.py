from pathlib import Path

import pytest

from bench.quality import recordings
from bench.quality.recordings import DataMissingError, demo, short_form, talk


def test_the_bundled_recording_has_its_sentences() -> None:
    """Eight sentences, one after the other, each with a person's translation."""
    material = demo()
    assert len(material.sentences) == 8
    assert all(sentence.text and sentence.translation for sentence in material.sentences)
    offsets = [offset for sentence in material.sentences for offset in (sentence.start, sentence.end)]
    assert offsets == sorted(offsets)
    assert offsets[-1] < material.seconds


def test_without_data_the_short_form_is_the_bundled_recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is missing is named, and the tests still have something to measure."""
    monkeypatch.setattr(recordings, "DATA", tmp_path)
    with pytest.raises(DataMissingError, match=str(tmp_path / "talk" / "talk.tsv")):
        talk()
    assert short_form().name == "demo"
