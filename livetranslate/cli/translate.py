"""`livetranslate translate`: audio in, captions on the screen, files in a folder."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, TypedDict

import typer
from rich.console import Console

from livetranslate.cli.captioning import (
    CandidateOption,
    CommittedOnlyOption,
    GlossaryOption,
    MaxSegmentOption,
    PauseOption,
    Policy,
    PolicyOption,
    captioning,
    targets_with,
)
from livetranslate.cli.connection import ADMISSION_SECONDS, report
from livetranslate.cli.display import display_for
from livetranslate.cli.flow import paced, until
from livetranslate.cli.interrupt import on_first_interrupt
from livetranslate.cli.latency import Latency
from livetranslate.cli.outputs import Receive, export_files, spoken_files
from livetranslate.cli.problems import CommandError
from livetranslate.cli.server import ServerOption, gateway_address
from livetranslate.cli.sources import SAMPLE_RATE_HERTZ, Source, open_source
from livetranslate.cli.voices import VoiceConsentOption, VoiceOption, Voicing, voicing
from livetranslate.client import AsyncClient
from livetranslate.client.reading import in_thread
from livetranslate.client.requests import CaptionOptions
from livetranslate.v1 import gateway_pb2

INTERRUPTED: Final = 130  # 128 + SIGINT
_PATIENCE_SECONDS: Final = 5  # after Ctrl-C, for what is under way to become final
_EXAMPLES: Final = """[bold]Examples[/bold]

livetranslate translate talk.mp3 --source en --target es

livetranslate translate talk.mp3 --source en --speak es --output-dir out

livetranslate translate mic --source en --target es

arecord -f S16_LE -r 16000 -c 1 | livetranslate translate - --source en --target es > captions.txt"""


class Storing(TypedDict, total=False):
    """What the server is to keep beside the text, and for how long."""

    retention: timedelta
    store_audio: bool
    store_speech: bool


@dataclass(frozen=True)
class Job:
    """One translation: what is to be read, what to make of it, and where to write it."""

    audio: Source
    source: str
    targets: list[str]
    spoken: list[str]
    voicing: Voicing
    output_dir: Path | None
    realtime: bool
    mix: bool
    storing: Storing
    policy: Policy | None
    captions: CaptionOptions


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLES, no_args_is_help=True)(translate)


def translate(
    *,
    audio: Annotated[
        str, typer.Argument(metavar="INPUT", help="An audio or video file, `-` (PCM s16le on standard input) or `mic`.")
    ],
    source: Annotated[str, typer.Option(help="The language that is spoken, e.g. en, or auto.")],
    target: Annotated[
        list[str] | None, typer.Option(help="A language to translate into. May be given several times.")
    ] = None,
    speak: Annotated[list[str] | None, typer.Option(help="A language to translate into and to speak, too.")] = None,
    voice: VoiceOption = None,
    voice_consent: VoiceConsentOption = False,
    output_dir: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write subtitles, text and speech into this folder.")
    ] = None,
    mix: Annotated[
        bool, typer.Option("--mix", help="Write the original with the speech over it into this folder, too.")
    ] = False,
    realtime: Annotated[
        bool, typer.Option("--realtime/--fast", help="Send a file at its own speed, or as fast as it is taken.")
    ] = False,
    rate: Annotated[
        int, typer.Option(min=8_000, max=48_000, help="Samples per second of standard input.")
    ] = SAMPLE_RATE_HERTZ,
    channels: Annotated[int, typer.Option(min=1, max=8, help="Interleaved channels of standard input.")] = 1,
    candidate: CandidateOption = None,
    policy: PolicyOption = None,
    glossary: GlossaryOption = None,
    committed_only: CommittedOnlyOption = False,
    pause: PauseOption = None,
    max_segment: MaxSegmentOption = None,
    store_audio: Annotated[bool, typer.Option("--store-audio", help="Have the server keep the audio, too.")] = False,
    store_speech: Annotated[bool, typer.Option("--store-speech", help="Have the server keep the speech, too.")] = False,
    retention: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Have the server delete it all after so many days; 0: never."),
    ] = None,
    server: ServerOption = None,
) -> None:
    """Translates speech while it is being spoken, and shows captions.

    Uses the server that is running, or starts one for itself. On a terminal captions grow in place; in a pipe each
    final text is a line. Ctrl-C finishes what is under way; a second one quits at once.
    """
    spoken = speak or []
    targets = list(dict.fromkeys([*(target or []), *spoken]))
    voices = voicing(voice or [], spoken, has_consent=voice_consent)
    storing = Storing(store_audio=store_audio, store_speech=store_speech)
    if retention is not None:
        storing["retention"] = timedelta(days=retention)
    captions = captioning(
        candidates=candidate or [],
        glossary=glossary,
        committed_only=committed_only,
        pause_seconds=pause,
        max_segment_seconds=max_segment,
    )
    if mix and not (output_dir and spoken):
        raise CommandError("--mix needs --output-dir and --speak: it writes the speech over the original there.")
    recording = open_source(audio, rate, channels)
    job = Job(recording, source, targets, spoken, voices, output_dir, realtime, mix, storing, policy, captions)
    with gateway_address(server) as address:
        code = asyncio.run(run(address, job))
    raise typer.Exit(code)


async def run(address: str, job: Job) -> int:
    """Runs one translation against a server and returns the exit code."""
    latency, stop = Latency(), asyncio.Event()
    async with AsyncClient(address) as client:
        with ExitStack() as stack:
            display = display_for(job.source, job.audio.duration_seconds)
            stack.enter_context(display)
            receivers: list[Receive] = [display.show, latency.receive]
            if job.output_dir is not None:
                job.output_dir.mkdir(parents=True, exist_ok=True)
                audio, receive = stack.enter_context(spoken_files(job.output_dir, job.audio, mixes=job.mix))
                job = replace(job, audio=audio)
                receivers.append(receive)
            session_id = await _follow(client, job, stop, receivers)
        if job.output_dir is not None and session_id:
            await export_files(client, session_id, job.source, job.targets, job.output_dir)
    Console(stderr=True).print(latency.report())
    return INTERRUPTED if stop.is_set() else 0


async def _follow(
    client: AsyncClient,
    job: Job,
    stop: asyncio.Event,
    receivers: Iterable[Receive],
) -> str:
    """Hands events to the receivers until the session ends, or until patience does after Ctrl-C; returns its id."""
    session_id, patience = "", asyncio.timeout(None)

    def finish() -> None:
        typer.echo("Finishing what was said; Ctrl-C again quits at once.", err=True)
        stop.set()
        patience.reschedule(asyncio.get_running_loop().time() + _PATIENCE_SECONDS)

    try:
        async with patience:
            with on_first_interrupt(finish):
                async for event in _events(client, job, stop):
                    session_id = session_id or event.session_started.session_id
                    for receive in receivers:
                        receive(event)
    except TimeoutError:
        if not patience.expired():
            raise
        typer.echo("The server did not finish in time; what was final is stored.", err=True)
    return session_id


def _events(client: AsyncClient, job: Job, stop: asyncio.Event) -> AsyncIterator[gateway_pb2.SessionEvent]:
    audio = in_thread(job.audio.chunks)
    if job.realtime:
        audio = paced(audio, job.audio.bytes_per_second, asyncio.get_running_loop().time)
    return client.translate(
        until(stop, audio),
        source=job.source,
        targets=targets_with(job.policy, job.targets),
        speech=job.spoken,
        sample_rate_hertz=job.audio.sample_rate_hertz,
        channel_count=job.audio.channel_count,
        title=job.audio.title,
        admission_seconds=ADMISSION_SECONDS,
        on_connection=report,
        **job.voicing,
        **job.storing,
        **job.captions,
    )
