"""Translation as a stream without sentences, by the OmniSTEval program (SoftSegmenter, Polák et al. 2025).

It cuts the stream into the sentences of the references, and says how late each is. It is given each translated word
with the time at which it was committed, on the clock of the audio: a chunk is sent when its last sample has been
spoken, so audio and times agree where one chunk is added to the time since the first was sent.
"""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.quality.session_log import SessionLog, committed_at

_LONG_YAAL, _STREAM_LAAL = "LongYAAL (CA)", "LongLAAL (CA)"


class StreamingError(Exception):
    """OmniSTEval could not make anything of what it was given."""


@dataclass(frozen=True, slots=True)
class Streaming:
    """The translation of each reference sentence, and how late the stream is; None where nothing was translated."""

    translations: tuple[str, ...]
    references: tuple[str, ...]
    long_yaal_seconds: float | None
    stream_laal_seconds: float | None


def streaming(logs: Sequence[SessionLog]) -> Streaming:
    """Let OmniSTEval look at sessions whose sentences have reference translations.

    Raises:
        StreamingError: It failed; the message is what it said.
    """
    with TemporaryDirectory(prefix="livetranslate-bench-") as folder:
        return _evaluate(logs, Path(folder))


def _evaluate(logs: Sequence[SessionLog], folder: Path) -> Streaming:
    names = [f"session{number}" for number in range(len(logs))]
    sentences = [(name, sentence) for name, log in zip(names, logs, strict=True) for sentence in log.header.sentences]
    places = [{"wav": name, "offset": s.start, "duration": s.end - s.start} for name, s in sentences]
    (folder / "sentences.json").write_text(json.dumps(places), encoding="utf-8")
    (folder / "references.txt").write_text("".join(f"{s.translation}\n" for _, s in sentences), encoding="utf-8")
    lines = (json.dumps(_prediction(name, log)) for name, log in zip(names, logs, strict=True))
    (folder / "predictions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    _run(folder)
    with (folder / "out" / "instances.resegmented.jsonl").open(encoding="utf-8") as file:
        instances = [json.loads(line) for line in file]
    scores = dict(line.split("\t") for line in (folder / "out" / "scores.tsv").read_text(encoding="utf-8").splitlines())
    return Streaming(
        tuple(instance["prediction"] for instance in instances),
        tuple(instance["reference"] for instance in instances),
        _seconds(scores.get(_LONG_YAAL)),
        _seconds(scores.get(_STREAM_LAAL)),
    )


def _prediction(name: str, log: SessionLog) -> dict[str, Any]:
    """A session's translated words and when each was committed, in milliseconds."""
    words = list(_committed_words(log))
    return {
        "source": name,
        "prediction": " ".join(word for word, _ in words),
        "elapsed": [round((t + log.header.chunk_seconds) * 1000, 1) for _, t in words],
        "source_length": log.header.audio_seconds * 1000,
    }


def _committed_words(log: SessionLog) -> Iterator[tuple[str, float]]:
    for history in log.histories("translation").values():
        for count, word in enumerate(history[-1].committed.split(), 1):
            yield word, committed_at(history, count)


def _run(folder: Path) -> None:
    """As a program of its own, for it forks, which gRPC does not survive."""
    options = {
        "--speech_segmentation": "sentences.json",
        "--ref_sentences_file": "references.txt",
        "--hypothesis_file": "predictions.jsonl",
        "--output_folder": "out",
    }
    words = [word for option in options.items() for word in option]
    command = [sys.executable, "-m", "omnisteval.cli", "longform", "--word_level", "--no_quality", *words]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise StreamingError(done.stderr)


def _seconds(milliseconds: str | None) -> float | None:
    value = math.nan if milliseconds is None else float(milliseconds)
    return None if math.isnan(value) else round(value / 1000, 3)
