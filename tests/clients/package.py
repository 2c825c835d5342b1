"""Runs the examples of the clients in other languages, as a program would be run."""

import io
import re
import subprocess
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from livetranslate.client import AsyncClient
from livetranslate.v1 import asr_pb2, mt_pb2
from tests.gateway.talk import talk

CLIENTS: Final = Path(__file__).parents[2] / "clients"
TARGETS: Final = ("es", "ca")
AUDIO: Final = talk(14).tobytes()
_LONGEST_SECONDS: Final = 60.0
_UNREACHABLE: Final = re.compile(r"ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|dial tcp|no such host|timeout")

Captions = list[str]  # of each final: its segment, language and text; sorted, so that one that comes twice shows


@dataclass(frozen=True)
class Package:
    """A client's examples, as commands."""

    captions: tuple[str, ...]
    viewer: tuple[str, ...]

    def captions_across_a_break(self, addresses: str, break_it: Callable[[], None]) -> Captions:
        """What the example prints when something breaks after its first final; the rest is spoken after that."""
        wav = _wav(AUDIO)
        with _running(*self.captions, addresses, "/dev/stdin", "en", *TARGETS) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write(wav[: len(wav) // 2])
            program.stdin.flush()
            first = program.stdout.readline()
            assert first, "no caption came"
            break_it()
            rest, told = program.communicate(wav[len(wav) // 2 :], _LONGEST_SECONDS)
        assert program.returncode == 0, told.decode()
        assert b"going on after" in told, "nothing broke"
        return sorted((first + rest).decode().splitlines())

    def captions_of(self, addresses: str) -> Captions:
        """What the example prints when nothing breaks."""
        done = _run(*self.captions, addresses, "/dev/stdin", "en", *TARGETS, stdin=_wav(AUDIO))
        assert done.returncode == 0, done.stderr.decode()
        return sorted(done.stdout.decode().splitlines())

    def failure(self, address: str, source: str) -> str:
        """What the example says when it fails."""
        done = _run(*self.captions, address, "/dev/stdin", source, *TARGETS, stdin=_wav(AUDIO))
        assert done.returncode != 0
        return done.stderr.decode()

    def watched(self, address: str, session_id: str) -> Captions:
        """What a viewer is told."""
        done = _run(*self.viewer, address, session_id)
        assert done.returncode == 0, done.stderr.decode()
        return sorted(done.stdout.decode().splitlines())


def install(*command: str, folder: Path) -> None:
    """Run a package manager; skip where the registry cannot be reached."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    said = done.stderr.decode()
    if done.returncode != 0 and _UNREACHABLE.search(said):
        pytest.skip(f"{' '.join(command)}: the registry cannot be reached: {said[-300:]}")
    assert done.returncode == 0, said


def check(*command: str, folder: Path) -> None:
    """Run a package's compiler or its own tests."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


async def python_captions(address: str) -> Captions:
    """What the Python client is told."""
    async with AsyncClient(address) as client:
        events = [event async for event in client.translate([AUDIO], source="en", targets=TARGETS)]
    captions = [
        *(_caption(event.transcript.revision) for event in events if event.HasField("transcript")),
        *(_caption(event.translation.revision) for event in events if event.HasField("translation")),
    ]
    finals = sorted(caption for caption in captions if caption)
    assert finals, "nothing was said"
    return finals


async def spoken_session(address: str) -> str:
    """The id of a session that has ended."""
    async with AsyncClient(address) as client:
        async for event in client.translate([AUDIO], source="en", targets=TARGETS):
            if event.HasField("summary"):
                return event.summary.session_id
    raise AssertionError("no summary came")


def _caption(revision: asr_pb2.TranscriptRevision | mt_pb2.TranslationRevision) -> str:
    """As the examples print it; empty unless it is final."""
    if not revision.is_final or not revision.committed_text:
        return ""
    return f"{revision.segment_id} {revision.language_code} {revision.committed_text}"


def _run(*command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=_LONGEST_SECONDS)


@contextmanager
def _running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    program = subprocess.Popen(
        command,
        bufsize=0,  # `communicate` knows nothing of lines that `readline` has read ahead
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


def _wav(audio: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(16_000)
        writer.writeframes(audio)
    return file.getvalue()
