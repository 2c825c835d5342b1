"""What is measured: which engines, what they are asked for, and what they have to keep within."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.capacity.trial import Bounds
from bench.system import running_system
from livetranslate.stack import Stack
from livetranslate.stack.stack import default_model_repository

NULL_MODELS: Final = Path(__file__).parents[1] / "models"
_NEURAL: Final = ("ctranslate2", "faster_whisper", "sentencepiece", "tokenizers")  # of the extra `neural`


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One set of engines.

    Attributes:
        name: What it is called.
        profile: Which models are served.
        model_repository: From which folder.
        first: The number of sessions to try first.
        bounds: What has to be kept.
        is_null: Whether the engines cost nothing, so that it is known when everything is due.
        has_bare: Whether the engine is measured alone, too.
        save: Writes the weights that it needs into a folder.
        aim: In a few words, for people.
    """

    name: str
    profile: str
    model_repository: Path
    first: int
    bounds: Bounds
    aim: str
    is_null: bool = False
    has_bare: bool = False
    save: Callable[[Path], None] | None = None


def _save_neural(folder: Path) -> None:
    from bench.weights.translator import save_random_translator  # noqa: PLC0415 - only where the extra is installed
    from bench.weights.whisper import save_random_whisper  # noqa: PLC0415

    save_random_whisper(folder / "whisper-tiny", "tiny")
    save_random_translator(folder / "opus-base")


MODES: Final = {
    mode.name: mode
    for mode in (
        Mode(
            name="null",
            profile="null",
            model_repository=NULL_MODELS,
            first=80,
            bounds=Bounds(),
            is_null=True,
            aim="150 sessions or more",
        ),
        Mode(
            name="embedded",
            profile="embedded",
            model_repository=default_model_repository(),
            first=8,
            bounds=Bounds(),
            has_bare=True,
            aim="0.8 or more of the bare engine",
        ),
        Mode(
            name="neural",
            profile="cpu",
            model_repository=default_model_repository(),
            first=2,
            bounds=Bounds(),
            save=_save_neural,
            aim="none",
        ),
    )
}


def missing_packages(mode: Mode) -> list[str]:
    """What a mode needs and this machine does not have."""
    return [name for name in _NEURAL if mode.save and importlib.util.find_spec(name) is None]


@contextmanager
def system_of(mode: Mode, max_sessions: int) -> Iterator[Stack]:
    """The whole system with a mode's engines while the block runs; its gateway takes at most so many sessions."""
    with TemporaryDirectory(prefix="livetranslate-weights-") as folder:
        if mode.save:
            mode.save(Path(folder))
        settings = {"LIVETRANSLATE_GATEWAY_MAX_SESSIONS": str(max_sessions)}
        with running_system(mode.profile, mode.model_repository, Path(folder), settings) as stack:
            yield stack
