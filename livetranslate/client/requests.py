"""What the clients ask, as messages: pure functions, shared by both."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, Required, TypedDict, Unpack

from livetranslate.v1 import gateway_pb2, types_pb2

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


class SessionOptions(TypedDict, total=False):
    """What to translate, and how.

    Attributes:
        source: The spoken language (BCP-47), e.g. "en".
        targets: The languages to translate into. Empty: captions only.
        speech: Those of them to speak, too; one that `targets` lacks is added to them.
        voices: A voice's name for a spoken language, where it is not to be the default.
        encoding: "pcm_s16le" (the default), "pcm_f32le", or "container" for WAV, FLAC, MP3, Ogg/Opus and WebM/Opus.
        sample_rate_hertz: Samples per second and channel; 16,000 by default. A container says it itself.
        channel_count: Interleaved channels; 1 by default.
        title: A name for people.
    """

    source: Required[str]
    targets: Iterable[str]
    speech: Iterable[str]
    voices: Mapping[str, str]
    encoding: Encoding
    sample_rate_hertz: int
    channel_count: int
    title: str


def session_config(**options: Unpack[SessionOptions]) -> gateway_pb2.StreamingTranslateSpeechRequest:
    """Builds the first message of a session."""
    config = gateway_pb2.SessionConfig(
        source_language_code=options["source"],
        targets=targets(options.get("targets", ()), options.get("speech", ()), options.get("voices")),
        audio_format=types_pb2.AudioFormat(
            encoding=_ENCODINGS[options.get("encoding", "pcm_s16le")],
            sample_rate_hertz=options.get("sample_rate_hertz", 16_000),
            channel_count=options.get("channel_count", 1),
        ),
        title=options.get("title", ""),
    )
    return gateway_pb2.StreamingTranslateSpeechRequest(config=config)


def targets(
    languages: Iterable[str], speech: Iterable[str], voices: Mapping[str, str] | None = None
) -> list[gateway_pb2.Target]:
    """Merges the languages to translate into and those to speak."""
    spoken, voices = list(speech), voices or {}
    return [
        gateway_pb2.Target(language_code=language, speech=language in spoken, voice=voices.get(language, ""))
        for language in dict.fromkeys([*languages, *spoken])
    ]


def audio_requests(audio: bytes) -> Iterator[gateway_pb2.StreamingTranslateSpeechRequest]:
    """Splits audio into messages of a moderate size."""
    for start in range(0, len(audio), MAX_AUDIO_MESSAGE_BYTES):
        yield gateway_pb2.StreamingTranslateSpeechRequest(audio=audio[start : start + MAX_AUDIO_MESSAGE_BYTES])


def export_request(session_id: str, export_format: Format, language: str) -> gateway_pb2.ExportSessionRequest:
    """Asks for the transcript, or for the translation into `language`."""
    return gateway_pb2.ExportSessionRequest(
        session_id=session_id, format=_FORMATS[export_format], language_code=language
    )
