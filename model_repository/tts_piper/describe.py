"""Prints what is missing to speak with Piper's voices: where they are, the weights say."""

import importlib.util
import json
import sys
from pathlib import Path

PACKAGES = {"onnxruntime": "onnxruntime", "sentencex": "sentencex"}


def describe() -> dict[str, object]:
    """What the model repository's contract asks for."""
    sys.path.insert(0, str(Path(__file__).parent / "1"))
    from espeak_process import INSTALL, find_library  # noqa: PLC0415 - it lies beside the model

    packages = [package for module, package in PACKAGES.items() if importlib.util.find_spec(module) is None]
    if packages:
        return {"parameters": {}, "missing": f"pip install {' '.join(packages)}"}
    return {"parameters": {}, "missing": None if find_library() else INSTALL}


if __name__ == "__main__":
    json.dump(describe(), sys.stdout)
