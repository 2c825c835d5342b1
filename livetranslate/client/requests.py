"""What the clients ask, as messages: pure functions, shared by both."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from os import PathLike
from typing import Final, Literal, Required, TypedDict, Unpack

from google.protobuf.duration_pb2 import Duration

from livetranslate.client.glossary import Glossary, glossary_file, glossary_of
from livetranslate.client.recovery import OnConnection
from livetranslate.v1 import gateway_pb2, types_pb2

Targets = Iterable[str | gateway_pb2.Target]
"""Languages; as `Target` messages where they are to have more than the defaults."""

MAX_AUDIO_MESSAGE_BYTES: Final = 64 * 1024  # two seconds of 16 kHz s16le: far below the server's limit of 1 MiB

Encoding = Literal["pcm_s16le", "pcm_f32le", "container"]
Format = Literal["srt", "vtt", "json", "txt"]

_ENCODINGS: Final = {
    "pcm_s16le": types_pb2.AUDIO_ENCODING_PCM_S16LE,
    "pcm_f32le": types_pb2.AUDIO_ENCODING_PCM_F32LE,
    "container": types_pb2.AUDIO_ENCODING_CONTAINER,
}
_FORMATS: Final = {
    "srt": gateway_pb2.EXPORT_FORMAT_SRT,
    "vtt": gateway_pb2.EXPORT_FORMAT_VTT,
    "json": gateway_pb2.EXPORT_FORMAT_JSON,
    "txt": gateway_pb2.EXPORT_FORMAT_TXT,
}


class WatchOptions(TypedDict, total=False):
    """How to go on when a connection breaks, or cannot be had.

    Attributes:
        reconnect_seconds: How long to try to go on after a break; 120 by default. 0: the break is raised at once.
        admission_seconds: How long to ask again where no server has room, each time when it says so. 0, the default:
            that is raised once each address has refused.
        on_connection: Called when the connection is lost, with each attempt to get another, when one works, and with
            each refusal that is not the last.
    """

    reconnect_seconds: float
    admission_seconds: float
    on_connection: OnConnection


class ConnectionOptions(WatchOptions, total=False):
    """How to go on with a session whose connection breaks.

    Attributes:
        replay_limit_bytes: How much audio after the last checkpoint to keep, in case it must be sent again; 64 MiB by
            default, 35 minutes at 16 kHz. Beyond it the oldest is forgotten, and what the server would have needed of
            it is lost; a session in a container cannot be resumed any more.
    """

    replay_limit_bytes: int


class AudioOptions(ConnectionOptions, total=False):
    """The format of the audio.

    Attributes:
        encoding: "pcm_s16le" (the default), "pcm_f32le", or "container" for WAV, FLAC, MP3, Ogg/Opus and WebM/Opus.
        sample_rate_hertz: Samples per second and channel; 16,000 by default. A container says it itself.
        channel_count: Interleaved channels; 1 by default.
    """

    encoding: Encoding
    sample_rate_hertz: int
    channel_count: int


class EndpointingOptions(TypedDict, total=False):
    """Where speech starts and ends; the server's defaults suit talks and conversations.

    Attributes:
        start_threshold: The probability of speech from which on a segment starts, 0 to 1; 0.5 by default.
        stop_threshold: The probability below which speech pauses; 0.35 by default.
        start_duration: How long speech must last to start a segment; 64 ms by default.
        stop_duration: The pause that ends a segment; 512 ms by default.
        max_duration: The longest segment; 20 s by default.
    """

    start_threshold: float
    stop_threshold: float
    start_duration: timedelta
    stop_duration: timedelta
    max_duration: timedelta


class CaptionOptions(TypedDict, total=False):
    """What is recognized, and how much of it is shown when.

    Attributes:
        candidates: Where the source is "auto": the languages that may be spoken, first the likeliest.
        endpointing: Where speech starts and ends.
        committed_only: Whether to get committed text only: nothing that is shown changes any more.
        partial_interval: The least time between two partials that commit nothing new.
        glossary: Terms to recognize and to keep or translate as it says, see `Glossary`.
        glossary_file: The same as a file, `.tsv` or TBX-Basic (`.tbx`, `.xml`).
    """

    candidates: Iterable[str]
    endpointing: EndpointingOptions
    committed_only: bool
    partial_interval: timedelta
    glossary: Glossary
    glossary_file: str | PathLike[str]


class SessionOptions(AudioOptions, CaptionOptions, total=False):
    """What to translate, and how.

    Attributes:
        source: The spoken language (BCP-47), e.g. "en", or "auto".
        targets: The languages to translate into, or `Target` messages. Empty: captions only.
        speech: Those of them to speak, too; one that `targets` lacks is added to them.
        voices: A voice's name for a spoken language, where it is not to be the default. "speaker" imitates the one who
            speaks, where the server allows that.
        voice_cloning_consent: Whether the one who speaks agrees to that; ask them.
        title: A name for people.
        retention: How long to keep everything stored of the session after its end; the server's choice by default.
            Zero: for ever, if the server allows that.
        store_audio: Whether the server is to store the audio, too.
        store_speech: Whether the server is to store the spoken translations, too.
    """

    source: Required[str]
    targets: Targets
    speech: Iterable[str]
    voices: Mapping[str, str]
    voice_cloning_consent: bool
    title: str
    retention: timedelta
    store_audio: bool
    store_speech: bool


class ResumeOptions(AudioOptions, total=False):
    """How to go on with a session that another program, or this one before it was restarted, has begun.

    Attributes:
        last_event_number: The last stored event that is known; stored events after it are sent. 0: all of them.
        audio_offset: Where the audio to be sent begins, from the session's first sample: at most the last checkpoint.
            By default audio is to be sent from the `resume_offset` on that `session_started` brings; a container,
            from its beginning.
        targets: What to translate into at that offset; with `speech` and `voices` as in `SessionOptions`.
            Without any of them: as they are stored.
    """

    targets: Targets
    speech: Iterable[str]
    voices: Mapping[str, str]
    last_event_number: int
    audio_offset: Duration


class SubtitleOptions(TypedDict, total=False):
    """How subtitles are cut; the server's defaults are the usual convention.

    Attributes:
        max_line_characters: Characters in a line, 10 to 200; 42 by default.
        max_line_count: Lines on the screen, 1 to 4; 2 by default.
        min_duration: The shortest time on the screen; 1 s by default.
        max_characters_per_second: Characters that a viewer reads in a second, 5 to 50; 17 by default.
    """

    max_line_characters: int
    max_line_count: int
    min_duration: timedelta
    max_characters_per_second: int


def session_config(**options: Unpack[SessionOptions]) -> gateway_pb2.StreamingTranslateSpeechRequest:
    """Builds the first message of a session."""
    config = gateway_pb2.SessionConfig(
        source_language_code=options["source"],
        targets=targets(options.get("targets", ()), options.get("speech", ()), options.get("voices")),
        audio_format=_audio_format(options),
        title=options.get("title", ""),
        store_audio=options.get("store_audio", False),
        store_speech=options.get("store_speech", False),
        voice_cloning_consent=options.get("voice_cloning_consent", False),
    )
    if (retention := options.get("retention")) is not None:
        config.retention.FromTimedelta(retention)
    _set_captions(config, options)
    return gateway_pb2.StreamingTranslateSpeechRequest(config=config)


def resume_request(
    session_id: str, resume_token: str, **options: Unpack[ResumeOptions]
) -> gateway_pb2.StreamingTranslateSpeechRequest:
    """Builds the first message of a stream that goes on with a session."""
    resume = gateway_pb2.ResumeRequest(
        session_id=session_id,
        resume_token=resume_token,
        last_event_number=options.get("last_event_number", 0),
        audio_format=_audio_format(options),
    )
    if "targets" in options or "speech" in options:
        chosen = targets(options.get("targets", ()), options.get("speech", ()), options.get("voices"))
        resume.targets.CopyFrom(gateway_pb2.TargetsUpdate(targets=chosen))
    if (offset := options.get("audio_offset")) is not None:
        resume.audio_offset.CopyFrom(offset)
    elif options.get("encoding") == "container":
        resume.audio_offset.SetInParent()  # zero
    return gateway_pb2.StreamingTranslateSpeechRequest(resume=resume)


def targets(
    wanted: Targets, speech: Iterable[str], voices: Mapping[str, str] | None = None
) -> list[gateway_pb2.Target]:
    """Merges the languages to translate into and those to speak."""
    spoken, voices = list(speech), voices or {}
    merged: dict[str, gateway_pb2.Target] = {}
    for item in [*wanted, *spoken]:
        given = gateway_pb2.Target(language_code=item) if isinstance(item, str) else item
        merged.setdefault(given.language_code, gateway_pb2.Target()).MergeFrom(given)
    for language, target in merged.items():
        target.speech |= language in spoken
        target.voice = voices.get(language, target.voice)
    return list(merged.values())


def audio_requests(audio: bytes) -> Iterator[gateway_pb2.StreamingTranslateSpeechRequest]:
    """Splits audio into messages of a moderate size."""
    for start in range(0, len(audio), MAX_AUDIO_MESSAGE_BYTES):
        yield gateway_pb2.StreamingTranslateSpeechRequest(audio=audio[start : start + MAX_AUDIO_MESSAGE_BYTES])


def export_request(
    session_id: str, export_format: Format, language: str, **subtitles: Unpack[SubtitleOptions]
) -> gateway_pb2.ExportSessionRequest:
    """Asks for the transcript, or for the translation into `language`."""
    request = gateway_pb2.ExportSessionRequest(
        session_id=session_id, format=_FORMATS[export_format], language_code=language
    )
    if subtitles:
        request.subtitles.max_line_characters = subtitles.get("max_line_characters", 0)
        request.subtitles.max_line_count = subtitles.get("max_line_count", 0)
        request.subtitles.max_characters_per_second = subtitles.get("max_characters_per_second", 0)
        request.subtitles.min_duration.FromTimedelta(subtitles.get("min_duration", timedelta(0)))
    return request


def _set_captions(config: gateway_pb2.SessionConfig, options: CaptionOptions) -> None:
    config.candidate_language_codes.extend(options.get("candidates", ()))
    config.committed_only = options.get("committed_only", False)
    if (interval := options.get("partial_interval")) is not None:
        config.partial_interval.FromTimedelta(interval)
    if (endpointing := options.get("endpointing")) is not None:
        config.endpointing.CopyFrom(_endpointing(endpointing))
    if (glossary := options.get("glossary")) is not None:
        config.glossary.CopyFrom(glossary_of(glossary))
    if (path := options.get("glossary_file")) is not None:
        config.glossary_file.CopyFrom(glossary_file(path))


def _endpointing(options: EndpointingOptions) -> types_pb2.EndpointingOptions:
    message = types_pb2.EndpointingOptions(
        start_threshold=options.get("start_threshold", 0), stop_threshold=options.get("stop_threshold", 0)
    )
    for field, duration in (
        (message.start_duration, options.get("start_duration")),
        (message.stop_duration, options.get("stop_duration")),
        (message.max_duration, options.get("max_duration")),
    ):
        if duration is not None:
            field.FromTimedelta(duration)
    return message


def _audio_format(options: AudioOptions) -> types_pb2.AudioFormat:
    return types_pb2.AudioFormat(
        encoding=_ENCODINGS[options.get("encoding", "pcm_s16le")],
        sample_rate_hertz=options.get("sample_rate_hertz", 16_000),
        channel_count=options.get("channel_count", 1),
    )
