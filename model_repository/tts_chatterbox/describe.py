"""Prints what is missing to imitate voices: where the weights are, they say themselves."""

import importlib.util
import json
import sys

PACKAGES = ("onnxruntime", "tokenizers", "sentencex", "soxr")


def describe() -> dict[str, object]:
    """What the model repository's contract asks for."""
    missing = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
    return {"parameters": {}, "missing": f"pip install {' '.join(missing)}" if missing else None}


if __name__ == "__main__":
    json.dump(describe(), sys.stdout)
