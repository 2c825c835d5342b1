"""What is measured: which engines, what they are asked for, and what they have to keep within."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.capacity.trial import Bounds
from bench.system import running_system
from livetranslate.stack import Stack
from livetranslate.stack.profiles import missing_models
from livetranslate.stack.stack import default_model_repository
from livetranslate.weights import default_models_folder

NULL_MODELS: Final = Path(__file__).parents[1] / "models"


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One set of engines.

    Attributes:
        name: What it is called.
        profile: Which models are served.
        model_repository: From which folder.
        first: The number of sessions to try first.
        minutes: How long the search and the knock test may take.
        bounds: What has to be kept.
        is_null: Whether the engines cost nothing, so that it is known when everything is due.
        has_bare: Whether the engine is measured alone, too.
        needs_weights: Whether its models have to be installed first.
        aim: In a few words, for people.
    """

    name: str
    profile: str
    model_repository: Path
    first: int
    minutes: float
    bounds: Bounds = field(default_factory=Bounds)
    aim: str = "none"
    is_null: bool = False
    has_bare: bool = False
    needs_weights: bool = False


def _neural(profile: str, first: int) -> Mode:
    return Mode(
        name=profile,
        profile=profile,
        model_repository=default_model_repository(),
        first=first,
        minutes=5.0,
        needs_weights=True,
    )


MODES: Final = {
    mode.name: mode
    for mode in (
        Mode(
            name="null",
            profile="null",
            model_repository=NULL_MODELS,
            first=80,
            minutes=6.0,
            is_null=True,
            aim="150 sessions or more",
        ),
        Mode(
            name="embedded",
            profile="embedded",
            model_repository=default_model_repository(),
            first=8,
            minutes=5.0,
            has_bare=True,
            aim="0.8 or more of the bare engine",
        ),
        _neural("cpu", first=2),
        _neural("openvino", first=2),
        _neural("gpu", first=20),
    )
}


def missing_weights(mode: Mode) -> str:
    """What a mode needs and this machine does not have, and what to do; empty where nothing is missing."""
    if not mode.needs_weights:
        return ""
    return missing_models(mode.profile, mode.model_repository, default_models_folder())


@contextmanager
def system_of(mode: Mode, max_sessions: int) -> Iterator[Stack]:
    """The whole system with a mode's engines while the block runs; its gateway takes at most so many sessions."""
    settings = {"LIVETRANSLATE_GATEWAY_MAX_SESSIONS": str(max_sessions)}
    with running_system(mode.profile, mode.model_repository, settings) as stack:
        yield stack
