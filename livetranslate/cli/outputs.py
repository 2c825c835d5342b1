"""The files of a session: transcript and translations, as the server renders them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from livetranslate.client import AsyncClient
from livetranslate.client.requests import Format

FORMATS: Final[tuple[Format, ...]] = ("srt", "vtt", "json", "txt")


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
