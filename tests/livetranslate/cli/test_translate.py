import os
import re
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livetranslate.v1 import mt_pb2
from tests.livetranslate.cli.conftest import Livetranslate
from tests.livetranslate.fake_gateway import BYTES_PER_SECOND, Break, FakeGateway

CAPTIONS = """\
[00:00.0 → 00:01.0] en: word 0
[00:00.0 → 00:01.0] es: es 0
[00:01.0 → 00:02.0] en: word 1
[00:01.0 → 00:02.0] es: es 1
[00:02.0 → 00:03.0] en: word 2
[00:02.0 → 00:03.0] es: es 2
"""
FORMATS = ("json", "srt", "txt", "vtt")


@contextmanager
def started(gateway: FakeGateway, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the command in a process of its own, reading a pipe."""
    command = [sys.executable, "-m", "livetranslate", "translate", "-", "--source", "en", *arguments]
    pipe = subprocess.PIPE
    environment = os.environ | {"LIVETRANSLATE_SERVER": gateway.address}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[bytes], audio: bytes) -> str:
    """Speaks into the pipe and returns the next line of captions."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(audio)
    process.stdin.flush()
    return process.stdout.readline().decode()


def test_pipe_gets_captions_alone(livetranslate: Livetranslate, recording: Path) -> None:
    """Into a pipe go the final texts, a line each, and nothing else; the table goes to standard error."""
    done = livetranslate("translate", str(recording), "--source", "en", "--target", "es")
    assert (done.code, done.out) == (0, CAPTIONS)
    assert "00:03.5 of audio: 3 segments, 6 words" in done.err
    assert re.search(r"lag of final transcript +│ +3 │ 200 ms │ 200 ms", done.err)


def test_files_are_written(livetranslate: Livetranslate, recording: Path, tmp_path: Path) -> None:
    """The folder gets transcript and translations in every format, as the server renders them, and the speech."""
    folder = tmp_path / "new" / "out"
    done = livetranslate(
        "translate", str(recording), "--source=en", "--target=ca", "--speak=es", f"--output-dir={folder}"
    )
    assert done.code == 0
    stems = ("transcript.en", "translation.ca", "translation.es")
    expected = {f"{stem}.{ending}" for stem in stems for ending in FORMATS} | {"speech.es.wav"}
    assert {path.name for path in folder.iterdir()} == expected
    assert (folder / "translation.es.vtt").read_text() == "EXPORT_FORMAT_VTT es"
    assert (folder / "transcript.en.srt").read_text() == "EXPORT_FORMAT_SRT "
    with wave.open(str(folder / "speech.es.wav")) as speech:
        assert speech.getnframes() / speech.getframerate() == 3.5


def test_the_original_is_mixed_with_the_speech(livetranslate: Livetranslate, recording: Path, tmp_path: Path) -> None:
    """With --mix there is one file more for each language that is spoken; it needs both a folder and speech."""
    arguments = ["translate", str(recording), "--source=en", "--speak=es", "--mix"]
    assert livetranslate(*arguments, f"--output-dir={tmp_path / 'out'}").code == 0
    with wave.open(str(tmp_path / "out" / "mixed.es.wav")) as mixed:
        assert mixed.getnframes() / mixed.getframerate() == pytest.approx(3.5, abs=0.001)
    assert not list((tmp_path / "out").glob(".*"))
    assert "--mix needs --output-dir and --speak" in livetranslate(*arguments).err


def test_server_is_told_everything(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """Languages, speech, the format and the file's name reach the server, and all of the audio."""
    livetranslate("translate", str(recording), "--source=en", "--target=ca", "--speak=es")
    config = gateway.requests[0].config
    assert [(target.language_code, target.speech) for target in config.targets] == [("ca", False), ("es", True)]
    assert (config.audio_format.sample_rate_hertz, config.audio_format.channel_count) == (16_000, 1)
    assert config.title == "talk.wav"
    assert sum(len(request.audio) for request in gateway.requests) == 112_000


def test_a_broken_connection(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """A connection that breaks costs two lines on standard error, and no caption."""
    gateway.breaks = [Break(2)]
    done = livetranslate("translate", str(recording), "--source=en", "--target=es")
    assert (done.code, done.out) == (0, CAPTIONS)
    assert f"The connection to {gateway.address} was lost (broken for a test). Trying to go on …" in done.err
    assert re.search(rf"Connected to {gateway.address} after \d\.\d s", done.err)


def test_what_to_store(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """Audio, speech and the time to keep them are the speaker's choice; by default the server's."""
    livetranslate("translate", str(recording), "--source=en")
    livetranslate("translate", str(recording), "--source=en", "--store-audio", "--store-speech", "--retention=1.5")
    default, chosen = (request.config for request in gateway.requests if request.HasField("config"))
    assert (default.store_audio, default.store_speech, default.HasField("retention")) == (False, False, False)
    assert chosen.store_audio
    assert chosen.store_speech
    assert chosen.retention.ToSeconds() == 36 * 3_600


def test_who_speaks(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """A voice for all languages, or for one; whom it imitates has to agree."""
    arguments = ["translate", str(recording), "--source=en", "--speak=es", "--speak=fr", "--voice=speaker"]
    refused = livetranslate(*arguments)
    assert (refused.code, "--voice-consent" in refused.err, gateway.requests) == (2, True, [])
    assert livetranslate(*arguments, "--voice=fr=marie", "--voice-consent").code == 0
    config = gateway.requests[0].config
    assert [target.voice for target in config.targets] == ["speaker", "marie"]
    assert config.voice_cloning_consent


def test_how_it_is_captioned(
    livetranslate: Livetranslate, gateway: FakeGateway, recording: Path, tmp_path: Path
) -> None:
    """The server is told of languages, policy, glossary, pauses and what is shown."""
    (tmp_path / "terms.tsv").write_text("en\tes\nTriton\t=\n", encoding="utf-8")
    options = ["--candidate", "en", "--candidate", "de", "--policy", "segments", "--committed-only"]
    options += ["--pause", "0.8", "--max-segment", "12", "--glossary", str(tmp_path / "terms.tsv")]
    assert livetranslate("translate", str(recording), "--source", "auto", "--target", "es", *options).code == 0
    config = gateway.requests[0].config
    assert (config.source_language_code, list(config.candidate_language_codes)) == ("auto", ["en", "de"])
    assert [target.policy for target in config.targets] == [mt_pb2.TRANSLATION_POLICY_SEGMENTS]
    assert config.committed_only
    assert (config.endpointing.stop_duration.ToMilliseconds(), config.endpointing.max_duration.seconds) == (800, 12)
    assert config.glossary_file.content == b"en\tes\nTriton\t=\n"


def test_a_glossary_of_unknown_format(livetranslate: Livetranslate, recording: Path, tmp_path: Path) -> None:
    """Nothing is sent, and the formats are named."""
    (tmp_path / "terms.csv").touch()
    done = livetranslate("translate", str(recording), "--source", "en", "--glossary", str(tmp_path / "terms.csv"))
    assert done.code == 2
    assert all(name in done.err for name in (".tsv", ".tbx", ".xml"))


def test_missing_file(livetranslate: Livetranslate, tmp_path: Path) -> None:
    """A file that is not there is a sentence and exit code 1."""
    done = livetranslate("translate", str(tmp_path / "nothing.wav"), "--source", "en")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("livetranslate: there is no file")


def test_unsupported_file(livetranslate: Livetranslate, tmp_path: Path) -> None:
    """A file without audio is a sentence and exit code 1."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader,")
    done = livetranslate("translate", str(path), "--source", "en")
    assert done.code == 1
    assert "letter.txt" in done.err
    assert "Traceback" not in done.err


def test_unknown_language(livetranslate: Livetranslate, recording: Path) -> None:
    """What the server refuses is said in the server's words."""
    done = livetranslate("translate", str(recording), "--source", "xx")
    assert (done.code, done.out, done.err) == (1, "", "livetranslate: No recognizer for 'xx'. There is: en.")


def test_unreachable_server(livetranslate: Livetranslate, recording: Path) -> None:
    """Without a server the message says how to start one."""
    done = livetranslate("translate", str(recording), "--source", "en", "--server", "127.0.0.1:1")
    assert done.code == 1
    assert "Start one with `livetranslate up`" in done.err


def test_folder_that_cannot_be_made(livetranslate: Livetranslate, recording: Path) -> None:
    """A folder below a file is refused before anything is sent."""
    done = livetranslate("translate", str(recording), "--source=en", f"--output-dir={recording}/out")
    assert done.code == 1
    assert done.err.endswith("talk.wav/out: not a directory.")


def test_wrong_command(livetranslate: Livetranslate) -> None:
    """A missing option is exit code 2."""
    assert livetranslate("translate", "talk.wav").code == 2


def test_standard_input(gateway: FakeGateway) -> None:
    """Audio piped in appears as captions while more is still to come, and the end of the pipe ends the session."""
    with started(gateway, "--rate", "8000", "--channels", "2") as process:
        assert said(process, bytes(BYTES_PER_SECOND)) == "[00:00.0 → 00:01.0] en: word 0\n"
        out, _ = process.communicate(bytes(BYTES_PER_SECOND), timeout=60)
    assert out.decode() == "[00:01.0 → 00:02.0] en: word 1\n"
    assert process.returncode == 0
    audio_format = gateway.requests[0].config.audio_format
    assert (audio_format.sample_rate_hertz, audio_format.channel_count) == (8_000, 2)


def test_interrupt_finishes(gateway: FakeGateway, tmp_path: Path) -> None:
    """The first Ctrl-C ends the audio; what is final is exported, and the exit code is 130."""
    with started(gateway, f"--output-dir={tmp_path}") as process:
        said(process, bytes(BYTES_PER_SECOND))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr is not None
        errors = process.stderr.read().decode()
    assert "00:01.0 of audio: 1 segment, 2 words" in errors
    assert "Traceback" not in errors
    assert (tmp_path / "transcript.en.srt").exists()
    assert not gateway.cancelled.is_set()


def test_second_interrupt_quits(gateway: FakeGateway) -> None:
    """The second Ctrl-C does not wait for the server."""
    gateway.may_go_on.clear()
    with started(gateway) as process:
        assert gateway.opened.wait(10)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.readline() == b"Finishing what was said; Ctrl-C again quits at once.\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=9) == 130  # the server would go on after 10 s
        assert process.stderr.read() == b""


def test_patience_ends(
    livetranslate: Livetranslate,
    gateway: FakeGateway,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After Ctrl-C a server that does not finish is not waited for without end; what is stored is exported."""
    monkeypatch.setattr("livetranslate.cli.translate._PATIENCE_SECONDS", 0.1)
    gateway.may_go_on.clear()

    def interrupt_once_open() -> None:
        gateway.opened.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = threading.Thread(target=interrupt_once_open)
    interrupting.start()
    done = livetranslate("translate", str(recording), "--source=en", f"--output-dir={tmp_path}")
    interrupting.join()
    assert done.code == 130
    assert "The server did not finish in time; what was final is stored." in done.err
    assert (tmp_path / "transcript.en.srt").exists()


def test_realtime_paces_a_file(livetranslate: Livetranslate, gateway: FakeGateway, recording: Path) -> None:
    """A file sent at its own speed takes as long as it lasts, and goes in small pieces."""
    start = time.monotonic()
    done = livetranslate("translate", str(recording), "--source", "en", "--realtime")
    assert done.code == 0
    assert time.monotonic() - start >= 3.5
    assert {len(request.audio) for request in gateway.requests[1:]} == {3_200}


def test_terminal_gets_live_captions(
    livetranslate: Livetranslate, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal captions grow with a status below them, and stay there at the end."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = livetranslate("translate", str(recording), "--source", "en", "--target", "es")
    assert done.code == 0
    screen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", done.out)
    assert "lag 0.2 s" in screen
    assert screen.endswith("  00:02.0  en: word 2\n           es: es 2\n")


@pytest.mark.parametrize("arguments", [["--help"], ["translate", "--help"], ["sessions", "export", "--help"]])
def test_help_teaches(livetranslate: Livetranslate, arguments: list[str]) -> None:
    """Help explains itself; that of a command has an example."""
    done = livetranslate(*arguments)
    assert done.code == 0
    assert ("Example" in done.out) == (len(arguments) > 1)
