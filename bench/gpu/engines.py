"""The same Whisper three ways: as our model runs it, as CTranslate2 alone does, and as faster-whisper does."""

import importlib
import json
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from bench.engines.bare import Load, cores
from bench.engines.bare_whisper import TOKENS, WINDOW_SECONDS, BareWhisper, audio
from livetranslate.engine.placement import Placement

MODEL: Final = Path(__file__).parents[2] / "model_repository" / "asr_whisper"
COMPUTE_TYPES: Final = {"cpu": "int8", "cuda": "float16"}
_PARAMETER: Final = re.compile(r'parameters \{ key: "(\w+)" value \{ string_value: "([^"]*)" \} \}')
_PROMPT_TOKENS: Final = 4  # the start, the language, the task, and that no times are wanted


class OurWhisper:
    """The logic of the model that Triton loads."""

    def __init__(self, folder: Path, device: str) -> None:
        """Load the weights as Triton's model does."""
        if (sources := str(MODEL / "1")) not in sys.path:
            sys.path.append(sources)  # last, as Triton does it
        self._window = importlib.import_module("whisper_window").Window
        place = Placement(parameters(folder), device, 0, cores())
        self._whisper = importlib.import_module("ct2_whisper").load_whisper(place)
        self.languages: tuple[str, ...] = self._whisper.options.languages

    def run(self, count: int) -> None:
        """Hear so many windows."""
        windows = [self.window(audio(number), audio(number).size) for number in range(count)]
        if not all(heard.words for heard in self.hear(windows)):
            raise RuntimeError("a window was answered without words")

    def window(self, samples: Any, length: int, prompt: str = "") -> Any:
        """A window of the model's; `samples` with their padding."""
        return self._window.of(samples, length, "en", self.languages, prompt=prompt)

    def hear(self, windows: Sequence[Any]) -> Sequence[Any]:
        """What the model answers."""
        answers: Sequence[Any] = self._whisper.hear(windows)
        return answers


class FasterWhisper:
    """faster-whisper's own pipeline for batches, which finds the words' times, too."""

    def __init__(self, folder: Path, device: str) -> None:
        """Load the weights."""
        model = WhisperModel(str(folder), device=device, compute_type=COMPUTE_TYPES[device], cpu_threads=cores())
        self._pipeline = BatchedInferencePipeline(model)
        # The network's own list: by itself, the pipeline forbids marks and lets times through.
        self._suppressed = json.loads((folder / "config.json").read_text(encoding="utf-8"))["suppress_ids"]

    def run(self, count: int) -> None:
        """Hear so many windows."""
        clips = [{"start": n * WINDOW_SECONDS, "end": (n + 1) * WINDOW_SECONDS} for n in range(count)]
        segments, _ = self._pipeline.transcribe(
            np.concatenate([audio(number) for number in range(count)]).astype(np.float32) / 32_768,
            language="en",
            batch_size=count,
            beam_size=1,
            temperature=0,
            max_new_tokens=2 * TOKENS - _PROMPT_TOKENS,  # CTranslate2 writes at most half of what comes to
            suppress_tokens=self._suppressed,
            clip_timestamps=clips,
            word_timestamps=True,
        )
        written = sum(len(segment.tokens) for segment in segments)
        if written != count * TOKENS:
            raise RuntimeError(f"{count * TOKENS} tokens were to be written, and there are {written}")


def engines(device: str) -> dict[str, Load]:
    """How each is loaded from a folder of weights."""
    return {
        "ours": partial(OurWhisper, device=device),
        "CTranslate2": partial(BareWhisper, device=device, compute_type=COMPUTE_TYPES[device]),
        "faster-whisper": partial(FasterWhisper, device=device),
    }


def parameters(folder: Path) -> dict[str, str]:
    """The model's, with those that its weights set, as Triton hands them over."""
    own = dict(_PARAMETER.findall(configuration()))
    weights = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    return {**own, **weights["parameters"], "weights": str(folder)}


def configuration() -> str:
    """The model's `config.pbtxt`."""
    return (MODEL / "config.pbtxt").read_text(encoding="utf-8")
