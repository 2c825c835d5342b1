"""Prints the voices that eSpeak NG has, and their languages in the same order."""

import importlib.util
import json
import sys
from pathlib import Path

INSTALL = "pip install espeakng-loader"
UNUSED_CHUNK_MS = 0  # the library's own default; nothing is spoken here


def describe() -> dict[str, object]:
    """What the model repository's contract asks for."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return {"parameters": {}, "missing": INSTALL}
    sys.path.insert(0, str(Path(__file__).parent / "1"))
    from espeak_library import Espeak  # noqa: PLC0415 - it needs what the line above makes sure of
    from espeak_voices import languages_of  # noqa: PLC0415

    languages = languages_of(sorted(set(Espeak(UNUSED_CHUNK_MS).voice_names())))
    parameters = {"voices": " ".join(languages), "languages": " ".join(languages.values())}
    return {"parameters": parameters, "missing": None}


if __name__ == "__main__":
    json.dump(describe(), sys.stdout)
