"""Prints the language pairs of the language model, or what has to be set to use one."""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "1"))
from llm_settings import PREFIX, LlmSettings, LlmSettingsError

INSTALL = "pip install 'livetranslate[neural]'"


def describe(environment: Mapping[str, str]) -> dict[str, object]:
    """What the model repository's contract asks for."""
    # Whoever has set one of them wants the model, and hears of what is wrong.
    parameters = {"optional": "no"} if any(name.startswith(PREFIX) for name in environment) else {}
    try:
        settings = LlmSettings.read(environment)
    except LlmSettingsError as error:
        return {"parameters": parameters, "missing": str(error)}
    missing = INSTALL if importlib.util.find_spec("openai") is None else None
    return {"parameters": parameters | {"language_pairs": " ".join(settings.language_pairs)}, "missing": missing}


if __name__ == "__main__":
    json.dump(describe(os.environ), sys.stdout)
