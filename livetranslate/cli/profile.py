"""Which models a command serves: `--profile`."""

from typing import Annotated

import typer

from livetranslate.hardware import find_hardware
from livetranslate.stack.profiles import AUTO, PROFILES, choose_profile
from livetranslate.stack.stack import default_model_repository
from livetranslate.weights import default_models_folder

ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile",
        envvar="LIVETRANSLATE_PROFILE",
        metavar="PROFILE",
        help=f"Which models to serve: {', '.join(PROFILES)}, or one of your own. auto: the best that this machine has "
        "the hardware and the models for.",
    ),
]


def chosen(profile: str) -> str:
    """The profile itself, or what `auto` chooses, which is then explained."""
    if profile != AUTO:
        return profile
    choice = choose_profile(find_hardware(), default_model_repository(), default_models_folder())
    typer.echo(f"Profile {choice.profile}: {choice.reason}.", err=True)
    return choice.profile
