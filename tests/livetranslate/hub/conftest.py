from collections.abc import Iterator

import pytest

from tests.livetranslate.hub.loopback_hub import LoopbackHub, loopback_hub

MODEL = bytes(range(256)) * 400
CONFIG = b'{"layers": 2}\n'


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """A hub with one repository. Nobody waits between attempts, and small pieces are kept, as 10 MiB are elsewhere."""
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10_000)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with loopback_hub() as running:
        running.repos["some/model"] = {"model.bin": MODEL, "config.json": CONFIG, "README.md": b"# A model"}
        yield running
