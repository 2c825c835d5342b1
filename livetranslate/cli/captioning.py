"""The options of `translate` that say what is recognized, how it is translated, and what is shown when."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from livetranslate.client.glossary import check_glossary_name
from livetranslate.client.requests import CaptionOptions, EndpointingOptions
from livetranslate.v1 import gateway_pb2, mt_pb2


class Policy(StrEnum):
    """When a translation is committed."""

    CLAUSES = "clauses"
    SEGMENTS = "segments"


CandidateOption = Annotated[
    list[str] | None,
    typer.Option(help="With `--source auto`: a language that may be spoken. May be given several times."),
]
PolicyOption = Annotated[
    Policy | None,
    typer.Option(
        help="Commit translations by clauses (early) or by whole segments (late). By default as suits the languages."
    ),
]
GlossaryOption = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="Terms to keep, or to translate in a certain way: .tsv or TBX-Basic."
    ),
]
CommittedOnlyOption = Annotated[bool, typer.Option("--committed-only", help="Show no text that may still change.")]
PauseOption = Annotated[
    float | None, typer.Option(metavar="SECONDS", min=0.1, max=5, help="The pause that ends a segment; 0.5 by default.")
]
MaxSegmentOption = Annotated[
    float | None, typer.Option(metavar="SECONDS", min=2, max=60, help="The longest segment; 20 by default.")
]


def captioning(
    *,
    candidates: Iterable[str],
    glossary: Path | None,
    committed_only: bool,
    pause_seconds: float | None,
    max_segment_seconds: float | None,
) -> CaptionOptions:
    """The options as the client takes them.

    Raises:
        typer.BadParameter: The glossary's name does not tell its format.
    """
    endpointing = EndpointingOptions()
    if pause_seconds is not None:
        endpointing["stop_duration"] = timedelta(seconds=pause_seconds)
    if max_segment_seconds is not None:
        endpointing["max_duration"] = timedelta(seconds=max_segment_seconds)
    options = CaptionOptions(candidates=candidates, endpointing=endpointing, committed_only=committed_only)
    if glossary is not None:
        try:
            check_glossary_name(glossary)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--glossary") from None
        options["glossary_file"] = glossary
    return options


def targets_with(policy: Policy | None, languages: Iterable[str]) -> list[gateway_pb2.Target]:
    """The targets, each with the policy."""
    value = mt_pb2.TranslationPolicy.Value(f"TRANSLATION_POLICY_{policy.upper() if policy else 'UNSPECIFIED'}")
    return [gateway_pb2.Target(language_code=language, policy=value) for language in languages]
