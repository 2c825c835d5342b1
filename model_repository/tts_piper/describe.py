"""Prints what is missing to speak with Piper's voices: where they are, the weights say."""

import json
import sys
from pathlib import Path

from livetranslate.engine.packages import install_command

PACKAGES = ("onnxruntime", "sentencex")


def describe() -> dict[str, object]:
    """What the model repository's contract asks for."""
    sys.path.insert(0, str(Path(__file__).parent / "1"))
    from espeak_process import INSTALL, find_library  # noqa: PLC0415 - it lies beside the model

    return {"parameters": {}, "missing": install_command(PACKAGES) or (None if find_library() else INSTALL)}


if __name__ == "__main__":
    json.dump(describe(), sys.stdout)
