import json
import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import jiwer
import pysubs2
import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demo's command writes, with a server that it starts for itself."""
    folder = tmp_path_factory.mktemp("demo")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    arguments = ["--source", "en", "--target", "es", "--speak", "es", "--output-dir", str(folder)]
    run = subprocess.run(
        [sys.executable, "-m", "livetranslate", "translate", str(DEMO / "meeting.flac"), *arguments],
        env={**inherited, "LIVETRANSLATE_DATA_DIR": str(tmp_path_factory.mktemp("data"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder


def test_the_recording_is_understood(output: Path) -> None:
    """At most one word in six is wrong, and the last word is there."""
    said = _words((DEMO / "meeting.txt").read_text(encoding="utf-8"))
    heard = _words((output / "transcript.en.txt").read_text(encoding="utf-8"))
    assert jiwer.wer(said, heard) <= 1 / 6
    assert heard.split()[-1] == said.split()[-1]


def test_the_files_fit_together(output: Path) -> None:
    """Transcript and translation have the same segments at the same times, within the recording, in every format."""
    files = [json.loads((output / f"{name}.json").read_text()) for name in ("transcript.en", "translation.es")]
    places = [[(s["segment_id"], s["start"], s["end"]) for s in file["segments"]] for file in files]
    assert places[0] == places[1]
    assert len(places[0]) == len((DEMO / "meeting.txt").read_text().splitlines())
    ends = [0.0]
    for name in ("transcript.en", "translation.es"):
        for extension in ("srt", "vtt"):
            cues = pysubs2.load(str(output / f"{name}.{extension}"))
            assert all(cue.start < cue.end for cue in cues)
            ends.append(cues[-1].end / 1000)
    assert max(ends) <= _seconds(output / "speech.es.wav") + 1.0
    assert all(segment["text"] for file in files for segment in file["segments"])


def test_the_speech_is_placed_in_time(output: Path) -> None:
    """The spoken translation starts after the first segment does, and is as long as the session."""
    with wave.open(str(output / "speech.es.wav")) as file:
        samples = file.readframes(file.getnframes())
        seconds_silent = len(samples[: len(samples) - len(samples.lstrip(b"\0"))]) / 2 / file.getframerate()
    first = json.loads((output / "translation.es.json").read_text())["segments"][0]
    assert first["start"] - 0.001 <= seconds_silent <= first["end"]  # to the sample of the speech's own rate


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower().replace("\n", " ")).split())


def _seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())
