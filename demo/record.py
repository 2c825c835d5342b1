"""Makes `meeting.flac` from `meeting.txt` with the program flite: `python demo/record.py`."""

import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

HERE = Path(__file__).parent
SAMPLE_RATE_HERTZ = 16_000
PAUSE_SECONDS = 0.8
NOISE_LEVEL = 10  # of 32,768: a quiet room, since a real microphone never delivers digital silence


def main() -> None:
    """Speak each line, with pauses between them, in a room."""
    pause = np.zeros(int(PAUSE_SECONDS * SAMPLE_RATE_HERTZ), np.int16)
    pieces = [pause]
    for line in (HERE / "meeting.txt").read_text(encoding="utf-8").splitlines():
        pieces += [_spoken(line), pause]
    samples = np.concatenate(pieces)
    room = np.random.default_rng(1).integers(-NOISE_LEVEL, NOISE_LEVEL, len(samples), np.int16, endpoint=True)
    _write_flac(HERE / "meeting.flac", samples + room)


def _spoken(line: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/line.wav"
        subprocess.run(["flite", "-voice", "slt", "-t", line, "-o", path], check=True)  # noqa: S607
        with av.open(path) as container:
            samples: Samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    return samples.astype(np.int16)


def _write_flac(path: Path, samples: Samples) -> None:
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE_HERTZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HERTZ
        container.mux([*stream.encode(frame), *stream.encode(None)])


if __name__ == "__main__":
    main()
