"""Writes `speech.json`, the messages of a session that speaks: `python -m bench.ghz.speech`.

Its config, then five seconds of the bundled recording in chunks of 100 ms: a whole segment and the pause after it.
ghz reads bytes as base64.
"""

import base64
import json
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bench.speech import chunks, recording

SPEECH: Final = Path(__file__).with_name("speech.json")

_CHUNKS: Final = 50
_CONFIG: Final = {
    "source_language_code": "en",
    "targets": [{"language_code": "es"}],
    "audio_format": {"encoding": "AUDIO_ENCODING_PCM_S16LE", "sample_rate_hertz": 16_000},
}


def messages() -> list[dict[str, Any]]:
    """What is sent, in ghz's form."""
    audio = (base64.b64encode(chunk).decode() for chunk in islice(chunks(recording(), 0), _CHUNKS))
    return [{"config": _CONFIG}, *({"audio": chunk} for chunk in audio)]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(message) for message in messages())
    SPEECH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
