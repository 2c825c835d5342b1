"""Files and speech with OpenAI's own client, which knows nothing of us, through the whole system."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import av
import openai
import pytest

from livetranslate.client import AsyncClient
from livetranslate.stack.stack import Stack
from tests.gateway.talk import in_container, talk
from tests.integration.riva import wav

SECONDS = 12.0
TEXT = "Good morning. This is a test."


def _url(stack: Stack) -> str:
    return f"http://{stack.web_address}/v1"


@pytest.fixture
def api(null_stack: Stack) -> Iterator[openai.OpenAI]:
    """OpenAI's client, with one changed address."""
    with openai.OpenAI(base_url=_url(null_stack), api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
async def async_api(null_stack: Stack) -> AsyncIterator[openai.AsyncOpenAI]:
    """The same for asyncio."""
    async with openai.AsyncOpenAI(base_url=_url(null_stack), api_key="none", max_retries=0) as client:
        yield client


def _file(container: str = "wav", seconds: float = SECONDS) -> tuple[str, bytes]:
    return f"talk.{container}", in_container(talk(seconds), container)


@pytest.mark.parametrize("container", ["wav", "flac", "mp3", "ogg", "webm"])
def test_a_file_is_transcribed(api: openai.OpenAI, container: str) -> None:
    """Whatever container it comes in."""
    transcription = api.audio.transcriptions.create(model="whisper-1", file=_file(container))
    assert len(transcription.text.split()) > 5
    assert transcription.usage is not None
    assert transcription.usage.type == "duration"
    assert transcription.usage.seconds == pytest.approx(SECONDS, abs=1)


def test_verbose_answers_have_times(api: openai.OpenAI) -> None:
    """Segments and words, in order and within the file."""
    told = api.audio.transcriptions.create(
        model="asr_null",
        file=_file(),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert told.language == "en"
    assert told.duration == pytest.approx(SECONDS, abs=0.1)
    assert told.segments
    assert told.words
    assert [segment.id for segment in told.segments] == list(range(len(told.segments)))
    assert " ".join(segment.text for segment in told.segments) == told.text
    assert " ".join(word.word for word in told.words) == told.text
    starts = [word.start for word in told.words]
    assert starts == sorted(starts)
    assert 0 <= starts[0] < told.words[-1].end <= SECONDS + 0.1


def test_words_alone_come_without_segments(api: openai.OpenAI) -> None:
    """As they were asked for."""
    told = api.audio.transcriptions.create(
        model="whisper-1", file=_file(), response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert told.words
    assert told.segments is None


async def test_subtitles_are_those_of_the_export(api: openai.OpenAI, client: AsyncClient) -> None:
    """The request is a stored session, whose id is in the answer's head."""
    srt = api.audio.transcriptions.with_raw_response.create(model="whisper-1", file=_file(), response_format="srt")
    session_id = srt.headers["x-livetranslate-session-id"]
    assert srt.text.startswith("1\n00:00:0")
    assert srt.text.encode() == await client.export_session(session_id, "srt")
    session = await client.get_session(session_id)
    assert session.title == "talk.wav"
    vtt = api.audio.transcriptions.create(model="whisper-1", file=_file(), response_format="vtt")
    assert str(vtt).startswith("WEBVTT")


def test_plain_text(api: openai.OpenAI) -> None:
    """The text of the other formats, and a line's end."""
    text = api.audio.transcriptions.create(model="whisper-1", file=_file(), response_format="text")
    assert str(text).rstrip("\n") == api.audio.transcriptions.create(model="whisper-1", file=_file()).text


def test_a_stream_grows_into_the_text(api: openai.OpenAI) -> None:
    """Deltas, put together as they come, are what the last event says."""
    deltas, done = [], ""
    with api.audio.transcriptions.create(model="whisper-1", file=_file(), stream=True) as stream:
        for event in stream:
            if event.type == "transcript.text.delta":
                deltas.append(event.delta)
            elif event.type == "transcript.text.done":
                done = event.text
    assert len(deltas) >= 2
    assert "".join(deltas) == done
    assert done == api.audio.transcriptions.create(model="whisper-1", file=_file()).text


async def test_the_asynchronous_client(async_api: openai.AsyncOpenAI) -> None:
    """Whole and streamed."""
    whole = await async_api.audio.transcriptions.create(model="whisper-1", file=_file())
    stream = await async_api.audio.transcriptions.create(model="whisper-1", file=_file(), stream=True)
    deltas = [event.delta async for event in stream if event.type == "transcript.text.delta"]
    assert "".join(deltas) == whole.text


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # by OpenAI, whose newer models have none
def test_translations(api: openai.OpenAI) -> None:
    """English into English is what was said; another language is named in our own field."""
    english = api.audio.translations.create(model="whisper-1", file=_file())
    assert english.text == api.audio.transcriptions.create(model="whisper-1", file=_file()).text
    spanish = api.audio.translations.create(
        model="whisper-1", file=_file(), response_format="verbose_json", extra_body={"target_language": "es"}
    )
    assert spanish.language == "es"
    assert spanish.text
    assert spanish.segments
    subtitles = api.audio.translations.create(
        model="whisper-1", file=_file(), response_format="srt", extra_body={"target_language": "es"}
    )
    assert str(subtitles).startswith("1\n")


def test_silence_has_no_text(api: openai.OpenAI) -> None:
    """And that it had none is in the answer's head."""
    file = ("silence.wav", wav(talk(2.0) * 0))
    told = api.audio.transcriptions.with_raw_response.create(model="whisper-1", file=file)
    assert told.parse().text == ""
    assert "NO_SPEECH" in told.headers["x-livetranslate-notices"]


@pytest.fixture
def speaking(stack: Stack) -> Iterator[openai.OpenAI]:
    """OpenAI's client of engines that really speak."""
    with openai.OpenAI(base_url=_url(stack), api_key="none", max_retries=0) as client:
        yield client


def test_speech_in_every_format(speaking: openai.OpenAI) -> None:
    """Each can be played, and is as long as all others."""
    options: Any = {"model": "tts-1", "voice": "alloy", "input": TEXT}
    pcm = speaking.audio.speech.create(response_format="pcm", **options).content
    seconds = len(pcm) / 2 / 24_000
    assert seconds > 1
    formats: list[Literal["mp3", "opus", "aac", "flac", "wav"]] = ["mp3", "opus", "aac", "flac", "wav"]
    for response_format in formats:
        spoken = speaking.audio.speech.create(response_format=response_format, **options).content
        with av.open(io.BytesIO(spoken), "r") as container:
            frames = container.decode(audio=0)
            assert sum(frame.samples / frame.sample_rate for frame in frames) == pytest.approx(seconds, abs=0.2)


def test_speech_without_a_format_is_mp3(speaking: openai.OpenAI) -> None:
    """As OpenAI has it; the voice may also be named as an object."""
    response = speaking.audio.speech.create(model="tts_espeak", voice={"id": "es"}, input="Buenos d\u00edas.")
    assert response.response.headers["content-type"] == "audio/mpeg"
    with av.open(io.BytesIO(response.content), "r") as container:
        assert container.format.name == "mp3"


def test_speech_is_streamed_and_faster(speaking: openai.OpenAI) -> None:
    """It comes in pieces; twice as fast it takes less."""
    lengths = []
    for speed in (1.0, 2.0):
        with speaking.audio.speech.with_streaming_response.create(
            model="tts_espeak", voice="alloy", input=TEXT * 20, response_format="pcm", speed=speed
        ) as response:
            pieces = list(response.iter_bytes())
        assert len(pieces) > 1
        lengths.append(len(b"".join(pieces)))
    assert lengths[1] < 0.8 * lengths[0]


def test_models_are_listed(api: openai.OpenAI) -> None:
    """Those that recognize and those that speak."""
    names = {model.id for model in api.models.list()}
    assert {"asr_null", "tts_null"} <= names
    assert api.models.retrieve("asr_null").id == "asr_null"
    with pytest.raises(openai.NotFoundError):
        api.models.retrieve("gpt-9")


def _refused(raised: pytest.ExceptionInfo[openai.APIStatusError], status: int, code: str, param: str | None) -> None:
    error = raised.value
    assert (error.status_code, error.code, error.param) == (status, code, param)
    assert error.type == "invalid_request_error"
    assert error.body


@pytest.mark.parametrize(
    ("options", "status", "code", "param"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"language": "xx"}, 400, "language_not_supported", None),
        ({"model": "asr_null", "language": "de"}, 400, "language_not_supported", "language"),
        ({"response_format": "diarized_json"}, 400, "response_format_invalid", "response_format"),
        ({"timestamp_granularities": ["line"]}, 400, "granularity_invalid", "timestamp_granularities"),
        ({"file": ("empty.wav", b"")}, 400, "file_empty", "file"),
        ({"file": ("text.wav", b"this is no audio")}, 400, "audio_undecodable", None),
        ({"file": ("broken.flac", b"fLaC" + bytes(5_000))}, 400, "audio_undecodable", None),
        ({"file": ("large.wav", bytes(66 * 1024 * 1024))}, 413, "upload_too_large", "file"),
        ({"stream": True, "file": ("text.wav", b"this is no audio")}, 400, "audio_undecodable", None),
    ],
)
def test_bad_transcription_requests(
    api: openai.OpenAI, options: dict[str, Any], status: int, code: str, param: str | None
) -> None:
    """Each is refused with what is wrong, and where."""
    with pytest.raises(openai.APIStatusError) as raised:
        api.audio.transcriptions.create(**{"model": "whisper-1", "file": _file(), **options})
    _refused(raised, status, code, param)


@pytest.mark.parametrize(
    ("options", "status", "code", "param"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"voice": "nobody"}, 400, "voice_not_supported", "voice"),
        ({"input": " "}, 400, "text_empty", "input"),
        ({"input": "a" * 4_097}, 400, "text_too_long", "input"),
        ({"speed": 4.0}, 400, "speed_invalid", "speed"),
        ({"response_format": "midi"}, 400, "response_format_invalid", "response_format"),
        ({"stream_format": "sse"}, 400, "stream_format_invalid", "stream_format"),
        ({"extra_body": {"language": "xx"}}, 400, "voice_not_supported", "language"),
    ],
)
def test_bad_speech_requests(
    api: openai.OpenAI, options: dict[str, Any], status: int, code: str, param: str | None
) -> None:
    """The same."""
    with pytest.raises(openai.APIStatusError) as raised:
        api.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": TEXT, **options})
    _refused(raised, status, code, param)


async def test_several_at_once(async_api: openai.AsyncOpenAI) -> None:
    """All have the same words."""
    created = [async_api.audio.transcriptions.create(model="whisper-1", file=_file("flac")) for _ in range(6)]
    texts = {told.text for told in await asyncio.gather(*created)}
    assert len(texts) == 1


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_the_embedded_engines(speaking: openai.OpenAI) -> None:
    """Words are recognized, and translated."""
    file = _file("flac")
    told = speaking.audio.transcriptions.create(
        model="asr_pocketsphinx", file=file, prompt="LiveTranslate, quarterly report", language="en"
    )
    assert len(told.text.split()) > 5
    spanish = speaking.audio.translations.create(
        model="whisper-1", file=file, prompt="LiveTranslate, quarterly report", extra_body={"target_language": "es"}
    )
    assert spanish.text
    assert spanish.text != told.text
