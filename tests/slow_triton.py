"""A real Triton whose models cost nothing but time: a lot, until they are told to hurry."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from livetranslate.stack.triton import Triton, TritonOptions, start_triton

SLOW = "slow"
"""What such a model says, and the profile that it belongs to."""

_MODEL = """
import pathlib, time
import numpy as np
from livetranslate.engine.requests import respond

class TritonPythonModel:
    def execute(self, requests):
        if not pathlib.Path({hurry!r}).exists():
            time.sleep({seconds})
        return [respond(request, None, lambda _: {{{outputs}}}) for request in requests]
"""
_OUTPUTS = {
    "asr": {
        "WORDS": 'np.array([b"slow"], np.object_)',
        "WORD_START_SAMPLES": "np.zeros(1, np.int32)",
        "WORD_END_SAMPLES": "np.ones(1, np.int32)",
        "WORD_CONFIDENCE": "np.ones(1, np.float32)",
        "NO_SPEECH_PROBABILITY": "np.zeros(1, np.float32)",
        "MEAN_LOG_PROBABILITY": "np.zeros(1, np.float32)",
        "COMPRESSION_RATIO": "np.zeros(1, np.float32)",
        "LANGUAGE": 'np.array([b"en"], np.object_)',
        "LANGUAGE_PROBABILITY": "np.ones(1, np.float32)",
    },
    "mt": {"TRANSLATION": '["slow"]'},
}
_NONCE = "NONCE"


def config_of(model_folder: Path) -> Any:
    """A model's configuration."""
    return text_format.Parse((model_folder / "config.pbtxt").read_text(), model_config_pb2.ModelConfig())


@contextmanager
def slow_triton(engine: Path, seconds: float, work_dir: Path) -> Iterator[tuple[Triton, Path]]:
    """Runs one with a model that takes so long for each batch, while the block runs.

    The model has the name, tensors, batches and queues of an `engine` that exists. It hurries from when the file, whose
    path comes second, exists.
    """
    hurry = work_dir / "hurry"
    config = config_of(engine)
    task = config.parameters["task"].string_value
    outputs = _OUTPUTS[task]
    for output in list(config.output):
        if output.name not in (*outputs, _NONCE):
            config.output.remove(output)
    for name in ("weights", "instances", "optional"):
        config.parameters.pop(name, None)
    if task == "mt":
        config.parameters["language_pairs"].string_value = "en-es"
    config.parameters["profile"].string_value = SLOW
    config.parameters["license"].string_value = "Apache-2.0"
    folder = work_dir / "repository" / config.name
    (folder / "1").mkdir(parents=True)
    (folder / "config.pbtxt").write_text(text_format.MessageToString(config))
    written = ", ".join(f'"{name}": {value}' for name, value in outputs.items())
    (folder / "1" / "model.py").write_text(_MODEL.format(hurry=str(hurry), seconds=seconds, outputs=written))
    triton = start_triton(TritonOptions(model_repository=folder.parent, profile=SLOW), work_dir)
    try:
        yield triton, hurry
    finally:
        hurry.touch()
        triton.stop()
