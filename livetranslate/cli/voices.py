"""The options of `translate` that say who speaks."""

from collections.abc import Iterable
from typing import Annotated, Final, TypedDict

import typer

SPEAKER: Final = "speaker"

VoiceOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[LANGUAGE=]NAME",
        help="The voice for all spoken languages, or for one; `speaker` imitates the one who speaks.",
    ),
]
VoiceConsentOption = Annotated[
    bool, typer.Option("--voice-consent", help="The one who speaks agrees that their voice is imitated: ask them.")
]


class Voicing(TypedDict):
    """Who speaks, as the client takes it."""

    voices: dict[str, str]
    voice_cloning_consent: bool


def voicing(wanted: Iterable[str], spoken: Iterable[str], *, has_consent: bool) -> Voicing:
    """The voices by language; one that is named for a language goes before one for all.

    Raises:
        typer.BadParameter: A voice is for a language that is not spoken, or imitates somebody without their consent.
    """
    languages = list(spoken)
    for_all: dict[str, str] = {}
    for_one: dict[str, str] = {}
    for voice in wanted:
        language, _, name = voice.rpartition("=")
        if not languages or (language and language not in languages):
            message = f"{voice!r} has nothing to speak: name its language with --speak, e.g. --speak es."
            raise typer.BadParameter(message, param_hint="--voice")
        if language:
            for_one[language] = name
        else:
            for_all = dict.fromkeys(languages, name)
    voices = for_all | for_one
    if SPEAKER in voices.values() and not has_consent:
        message = "it imitates the one who speaks, who has to agree to that. Ask them, and add --voice-consent."
        raise typer.BadParameter(message, param_hint=f"--voice {SPEAKER}")
    return Voicing(voices=voices, voice_cloning_consent=has_consent)
