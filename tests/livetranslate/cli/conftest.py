import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from livetranslate.cli import main
from tests.livetranslate.fake_gateway import BYTES_PER_SECOND, FakeGateway, fake_gateway


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int | str | None
    out: str
    err: str


Livetranslate = Callable[..., Done]


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with fake_gateway() as served:
        yield served


@pytest.fixture
def livetranslate(
    gateway: FakeGateway, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Livetranslate:
    """Runs a command of the command line against the fake gateway."""
    monkeypatch.setenv("LIVETRANSLATE_SERVER", gateway.address)

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capfd.readouterr()
        code = ended.value.code
        if isinstance(code, str):  # the interpreter prints it and exits with 1
            return Done(1, captured.out, captured.err + code)
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three and a half seconds of audio."""
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(3 * BYTES_PER_SECOND + BYTES_PER_SECOND // 2))
    return path
