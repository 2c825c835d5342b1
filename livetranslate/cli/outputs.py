"""The files of a session: what was spoken, and transcript and translations as the server renders them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from livetranslate.cli.sources import Source
from livetranslate.cli.speech_track import SpeechTracks
from livetranslate.client import AsyncClient
from livetranslate.client.requests import Format
from livetranslate.v1 import gateway_pb2

Receive = Callable[[gateway_pb2.SessionEvent], None]

FORMATS: Final[tuple[Format, ...]] = ("srt", "vtt", "json", "txt")


@contextmanager
def spoken_files(folder: Path, audio: Source, *, mixes: bool) -> Iterator[tuple[Source, Receive]]:
    """Writes speech into files while the block runs, and then, if wished, with the original under it.

    Yields:
        What is to be sent, and who is to be told what comes.
    """
    if not mixes:
        with SpeechTracks(folder) as tracks:
            yield audio, tracks.receive
        return
    from livetranslate.cli.mix import Original, mix  # noqa: PLC0415, numpy takes its time to load

    with Original(audio, folder) as original:
        with SpeechTracks(folder) as tracks:
            yield original.source, tracks.receive
        for language, track in tracks.by_language().items():
            mix(original, track, folder / f"mixed.{language}.wav")


async def export_files(
    client: AsyncClient, session_id: str, source: str, targets: Iterable[str], folder: Path
) -> list[Path]:
    """Writes the transcript and each translation in every format; returns the files."""
    names = {"": f"transcript.{source}"} | {target: f"translation.{target}" for target in targets}
    paths = []
    for language, name in names.items():
        for export_format in FORMATS:
            path = folder / f"{name}.{export_format}"
            path.write_bytes(await client.export_session(session_id, export_format, language=language))
            paths.append(path)
    return paths
