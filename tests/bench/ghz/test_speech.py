import base64
import json
from itertools import islice
from pathlib import Path

import pytest
from google.protobuf import json_format

import bench.ghz
from bench.ghz.report import NAMES
from bench.ghz.speech import SPEECH, messages
from bench.speech import CHUNK_MS, chunks, recording
from livetranslate.v1 import gateway_pb2, mt_pb2

REQUESTS = {
    "livetranslate.v1.LiveTranslateService/StreamingTranslateSpeech": gateway_pb2.StreamingTranslateSpeechRequest,
    "livetranslate.v1.MtService/TranslateText": mt_pb2.TranslateTextRequest,
}
FOLDER = Path(bench.ghz.__path__[0])


def test_speech_is_up_to_date() -> None:
    """The file says what the recording says: `python -m bench.ghz.speech` writes it anew."""
    written = json.loads(SPEECH.read_text(encoding="utf-8"))
    assert written == messages()
    audio = [base64.b64decode(message["audio"]) for message in written[1:]]
    assert audio == list(islice(chunks(recording(), 0), 5_000 // CHUNK_MS))


@pytest.mark.parametrize("name", NAMES)
def test_data_are_messages_of_the_contract(name: str) -> None:
    """What ghz reads by reflection knows every field of the data."""
    config = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    data = config["data"] if "data" in config else json.loads((FOLDER / config["data-file"]).read_text("utf-8"))
    for message in data if isinstance(data, list) else [data]:
        json_format.ParseDict(message, REQUESTS[config["call"]]())
