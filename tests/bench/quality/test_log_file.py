import json
from pathlib import Path

from bench.quality.log_file import read_log, write_log
from bench.quality.session_log import Sentence, Word
from tests.bench.quality.logs import log, speech, transcript


def test_a_log_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Header, sentences, words and events come back equal."""
    sentences = (Sentence("Good morning.", 1.0, 2.0, "Buenos días."),)
    written = log(transcript(2.5, "good", words=(Word("good", 1.0, 1.4),)), speech(3.0, 1, 0.2), sentences=sentences)
    write_log(written, tmp_path / "new" / "log.jsonl")
    assert read_log(tmp_path / "new" / "log.jsonl") == written


def test_a_line_has_only_what_there_is_to_say(tmp_path: Path) -> None:
    """Each event is a line of JSON without the fields that have their defaults."""
    write_log(log(speech(3.0, 0, 0.2)), tmp_path / "log.jsonl")
    _, line = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    told = {"t": 3.0, "kind": "speech", "segment_id": "1", "language": "es", "end": 2.0, "seconds": 0.2}
    assert json.loads(line) == told
