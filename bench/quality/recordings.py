"""Where speech is found: the recording that comes with the project, and folders of data that may be beside it."""

from dataclasses import replace
from pathlib import Path

from bench.quality.material import (
    Material,
    Recording,
    as_one_stream,
    from_table,
    from_texts,
    one_by_one,
    read_samples,
    split_at_pauses,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
"""Optional: `talk/` with its `talk.tsv`, `librivox/` with `transcripts.tsv`, `fleurs/` with a text beside each file."""

_DEMO = Path(__file__).parents[2] / "demo"
_DEMO_TRANSLATION = Path(__file__).parent / "meeting.es.txt"
_FLEURS_ROOM_LEVEL = 1.0  # some of these speak as softly as our room is
SHORT_COUNT = 8
"""Sentences in the short form of a stream."""


class DataMissingError(Exception):
    """The optional data is not there; the message says where it is looked for."""


def demo() -> Material:
    """The bundled recording, eight sentences."""
    texts, translations = (
        path.read_text(encoding="utf-8").splitlines() for path in (_DEMO / "meeting.txt", _DEMO_TRANSLATION)
    )
    return split_at_pauses("demo", read_samples(_DEMO / "meeting.flac"), texts, translations)


def talk(count: int | None = None) -> Material:
    """Synthetic voices, with a person's Spanish beside each of the 24 sentences; or the first `count` of them."""
    return as_one_stream("talk", _talk()[:count])


def talk_files(count: int | None = None) -> list[Material]:
    return one_by_one("talk", _talk()[:count])


def librivox() -> Material:
    """A novel, read aloud."""
    return as_one_stream("librivox", _librivox())


def librivox_files() -> list[Material]:
    return one_by_one("librivox", _librivox())


def fleurs() -> Material:
    """Native readers of encyclopedic sentences, some of them very soft."""
    return as_one_stream("fleurs", _fleurs(), _FLEURS_ROOM_LEVEL)


def fleurs_files() -> list[Material]:
    return one_by_one("fleurs", _fleurs())


def short_form() -> Material:
    """What the tests measure: the beginning of the talk, or the bundled recording where there is none."""
    try:
        return replace(talk(SHORT_COUNT), name="talk-short")
    except DataMissingError:
        return demo()


def _talk() -> list[Recording]:
    return from_table(_present(DATA / "talk" / "talk.tsv"))


def _librivox() -> list[Recording]:
    return from_table(_present(DATA / "librivox" / "transcripts.tsv"))


def _fleurs() -> list[Recording]:
    return from_texts(sorted(_present(DATA / "fleurs").glob("fleurs-en-*.txt")))


def _present(path: Path) -> Path:
    if not path.exists():
        raise DataMissingError(f"there is no {path}")
    return path
