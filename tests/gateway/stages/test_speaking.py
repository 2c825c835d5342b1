"""Speech: clauses as they are committed, and what tts says again is left out as far as it was heard."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial as bound

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from gateway.capabilities import Hops
from gateway.events import Notice, NoticeKind, Speech, SpeechEncoding, SpeechOptions, Target
from gateway.reference import Reference
from gateway.session import GatewaySession
from gateway.stages.speaking import Speaking
from livetranslate.audio import AudioFormat, Encoding, Samples, open_decoder
from livetranslate.v1 import mt_pb2, tts_pb2, tts_pb2_grpc, types_pb2
from livetranslate.wire import samples_of_duration
from tests.gateway.bodies import SECOND, final, partial, translated
from tests.gateway.stages.serving import served, stage_context

Requests = AsyncIterator[tts_pb2.StreamingSynthesizeRequest]
Response = tts_pb2.StreamingSynthesizeResponse
Answer = tts_pb2.SpeechAudio | types_pb2.Notice
Behave = Callable[[tts_pb2.SynthesisInput, int], AsyncIterator[Answer]]
NOW = 0.0


class Tts(tts_pb2_grpc.TtsServiceServicer):
    """Speaks each input as `behave` does in the n-th stream; where that raises, the stream breaks."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.configs: list[tts_pb2.SynthesisConfig] = []  # of the streams
        self.inputs: list[tts_pb2.SynthesisInput] = []

    @property
    def voices(self) -> list[str]:
        return [config.voice for config in self.configs]

    async def StreamingSynthesize(self, requests: Requests, context: object) -> AsyncIterator[Response]:
        del context
        number = len(self.configs)
        async for request in requests:
            if request.HasField("config"):
                self.configs.append(request.config)
                continue
            self.inputs.append(request.input)
            async for answer in self.behave(request.input, number):
                if isinstance(answer, types_pb2.Notice):
                    yield Response(notice=answer)
                else:
                    yield Response(audio=answer)


@asynccontextmanager
async def speaking(
    behave: Behave,
    options: SpeechOptions | None = None,
    voice: str = "",
    reference: Reference | None = None,
    patience_seconds: float = 60,
) -> AsyncIterator[tuple[GatewaySession, Speaking, Tts]]:
    """The stage of a session with one target that is spoken."""
    session = GatewaySession("s", [Target("es", speech=True, voice=voice, speech_options=options or SpeechOptions())])
    tts = Tts(behave)  # type: ignore[abstract] # the stream alone is used
    serve = bound(tts_pb2_grpc.add_TtsServiceServicer_to_server, tts)
    async with (
        served(serve) as channel,
        stage_context(session, _hops(channel), reference, patience_seconds) as context,
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        yield session, Speaking(context, tasks), tts


def _hops(channel: grpc.aio.Channel) -> Hops:
    return Hops(None, None, tts_pb2_grpc.TtsServiceStub(channel))  # type: ignore[arg-type]


def translate(session: GatewaySession, second: int) -> None:
    """A segment becomes final, and its translation too."""
    session.receive_transcript(final(second), NOW)
    session.receive_translation(replace(translated(second), message=mt_pb2.TranslationRevision()), NOW)


def commit(session: GatewaySession, text: str, source_end_sample: int = 0) -> None:
    """The translation of the first segment, which is not over, grows."""
    session.receive_transcript(partial(0, revision=len(text)), NOW)
    revision = replace(translated(0, text=text), is_final=False, source_end_sample=source_end_sample)
    session.receive_translation(replace(revision, message=mt_pb2.TranslationRevision()), NOW)


def chunk(text: tts_pb2.SynthesisInput, audio: bytes, *, is_last: bool = False) -> tts_pb2.SpeechAudio:
    """A stretch of a text's speech, heard as soon as its source is over."""
    return tts_pb2.SpeechAudio(
        segment_id=text.segment_id,
        clause=text.clause,
        is_segment_end=text.is_segment_end,
        audio=audio,
        is_last=is_last,
        sample_rate_hertz=16_000,
        playout_offset=text.end_offset,
    )


def speech_of(session: GatewaySession) -> list[Speech]:
    """All speech that the client is told."""
    return [event.body for event in session.events_to_send() if isinstance(event.body, Speech)]


def heard(session: GatewaySession) -> bytes:
    """Its samples."""
    return b"".join(speech.message.audio for speech in speech_of(session))


async def test_a_stream_that_is_opened_early_names_the_voice() -> None:
    """Before anything is said, tts hears which voice will be needed."""

    async def behave(text: tts_pb2.SynthesisInput, _stream: int) -> AsyncIterator[Answer]:
        yield chunk(text, b"ab", is_last=True)

    async with speaking(behave, voice="ana") as (_, stage, tts):
        await stage.open()
        await stage.finish()
        assert tts.voices == ["ana"]
        assert not tts.inputs


@pytest.mark.parametrize("first_chunk_bytes", [1, 2, 3, 4, 6])
async def test_speech_that_was_heard_is_left_out_of_its_repetition(first_chunk_bytes: int) -> None:
    """Wherever the stream broke, and however tts cuts its chunks, the client hears each sample once."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        audio = b"abcdef" if text.segment_id == final(0).segment_id else b"uvwxyz"
        cut = 4 if stream == 0 else first_chunk_bytes
        yield chunk(text, audio[:cut])
        if stream == 0 and text.segment_id != final(0).segment_id:
            raise RuntimeError
        yield chunk(text, audio[cut:], is_last=True)

    async with speaking(behave) as (session, stage, tts):
        for second in range(2):
            translate(session, second)
        await stage.push()
        await stage.finish()
        assert heard(session) == b"abcdefuvwxyz"
        assert [samples_of_duration(config.spoken_offset) for config in tts.configs] == [0, SECOND + 3]
        assert not session.clauses_owed("es")


async def test_clauses_are_spoken_as_they_are_committed() -> None:
    """Each goes to tts once, with its number and its place, and the target's pacing goes before them."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        yield chunk(text, text.text.encode(), is_last=True)

    options = SpeechOptions(max_speaking_rate=1.5, max_lag_seconds=4)
    async with speaking(behave, options) as (session, stage, tts):
        commit(session, "buenos", SECOND // 4)
        await stage.push()
        commit(session, "buenos días", SECOND // 2)
        await stage.push()
        translate(session, 0)
        await stage.push()
        await stage.finish()
        (config,) = tts.configs
        assert config.pacing == tts_pb2.PacingOptions(max_speaking_rate=1.5, max_lag=Duration(seconds=4))
        places = [
            (text.clause, text.text, samples_of_duration(text.end_offset), text.is_segment_end) for text in tts.inputs
        ]
        assert places == [
            (0, "buenos", SECOND // 4, False),
            (1, "días", SECOND // 2, False),
            (2, "", SECOND // 2, True),
        ]
        speech = speech_of(session)
        assert [body.message.audio.decode() for body in speech] == ["buenos", "días", ""]
        ends = [SECOND // 4, SECOND // 2, SECOND // 2]
        assert [(body.start_sample, body.end_sample) for body in speech] == list(zip([0, *ends], ends, strict=False))


async def test_a_clause_that_is_owed_when_the_stream_opens_is_asked_for_once() -> None:
    """It goes with the opening, and not again when the stage is told of it."""
    both_asked = asyncio.Event()

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        if text.clause == 1:
            both_asked.set()
        yield chunk(text, text.text.encode(), is_last=True)

    async with speaking(behave) as (session, stage, tts):
        commit(session, "buenos")
        await stage.push()
        commit(session, "buenos días")
        await both_asked.wait()
        await stage.push()
        commit(session, "buenos días a todos")
        await stage.push()
        await stage.finish()
        assert [text.text for text in tts.inputs] == ["buenos", "días", "a todos"]


async def test_what_was_left_out_is_told_and_done() -> None:
    """A clause that tts skips is a notice, and nobody waits for it."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        yield types_pb2.Notice(
            code=types_pb2.NOTICE_CODE_SPEECH_SKIPPED, segment_id=text.segment_id, language_code="es"
        )
        yield chunk(text, b"", is_last=True)

    async with speaking(behave) as (session, stage, _):
        translate(session, 0)
        await stage.push()
        await stage.finish()
        bodies = [event.body for event in session.events_to_send()]
        assert [body.kind for body in bodies if isinstance(body, Notice)] == [NoticeKind.SPEECH_SKIPPED]
        assert not session.clauses_owed("es")


async def test_each_clause_is_a_file_where_that_is_wished() -> None:
    """With Ogg/Opus the chunks of a clause are a file, also where the clause before broke off in a failure."""
    second = bytes(2 * 16_000)

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        yield chunk(text, second)
        if text.clause == 0:
            yield types_pb2.Notice(
                code=types_pb2.NOTICE_CODE_SYNTHESIS_FAILED, segment_id=text.segment_id, language_code="es"
            )
        else:
            yield chunk(text, b"", is_last=True)

    async with speaking(behave, SpeechOptions(SpeechEncoding.OGG_OPUS)) as (session, stage, _):
        commit(session, "buenos")
        translate(session, 0)
        await stage.push()
        await stage.finish()
        speech = speech_of(session)
        assert {body.encoding for body in speech} == {SpeechEncoding.OGG_OPUS}
        file = b"".join(body.message.audio for body in speech if body.clause == 1)
        samples = sum(len(piece) for piece in _decoded(file))
        assert samples == pytest.approx(16_000, abs=320)
        assert not session.clauses_owed("es")


def _decoded(file: bytes) -> Iterator[Samples]:
    decoder = open_decoder(AudioFormat(Encoding.CONTAINER))
    yield from decoder.feed(file)
    yield from decoder.finish()
    assert not decoder.truncated


@pytest.mark.parametrize("is_whole", [True, False])
async def test_a_target_in_another_voice_has_another_stream(is_whole: bool) -> None:
    """The voice before is let go of; what it left unsaid the new one says, and is heard after it."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        yield chunk(text, b"ab" if stream == 0 else b"cd", is_last=stream == 1 or is_whole)

    async with speaking(behave) as (session, stage, tts):
        translate(session, 0)
        await stage.push()
        told: list[Speech] = []
        while not told:
            await asyncio.sleep(0)
            told = speech_of(session)
        session.receive_targets([Target("es", speech=True, voice="es-male")])
        await stage.push()
        translate(session, 1)
        await stage.push()
        await stage.finish()
        assert [speech.message.audio for speech in told] == [b"ab"]
        assert heard(session) == (b"cd" if is_whole else b"cdcd")
        assert tts.voices == ["", "es-male"]
        assert samples_of_duration(tts.configs[1].spoken_offset) == SECOND + 1


async def test_the_speaker_is_imitated_from_the_next_segment_on() -> None:
    """The default voice says the segment that it has begun; what follows is said in the speaker's own voice."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        asked.set()
        yield chunk(text, b"ab" if stream == 0 else b"cdef", is_last=True)

    asked, reference = asyncio.Event(), Reference(is_wanted=True)
    async with speaking(behave, voice="speaker", reference=reference) as (session, stage, tts):
        commit(session, "buenos")
        await stage.push()
        await asked.wait()
        reference.receive_speech(6 * SECOND, bytes(12 * SECOND))
        for second in range(3):
            translate(session, second)
            await stage.push()
        await stage.finish()
        assert heard(session) == b"abab" + b"cdef" * 2
        assert [(config.voice, config.reference_audio) for config in tts.configs] == [
            ("", b""),
            ("speaker", reference.audio),
        ]
        assert samples_of_duration(tts.configs[1].spoken_offset) == SECOND + 1


async def test_what_was_begun_in_another_voice_is_said_again() -> None:
    """Where the stream breaks just then, the clause is said anew, and nothing is cut out of it."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        yield chunk(text, b"ab")
        if stream == 0:
            reference.receive_speech(6 * SECOND, bytes(12 * SECOND))
            raise RuntimeError
        yield chunk(text, b"cd", is_last=True)

    reference = Reference(is_wanted=True)
    async with speaking(behave, voice="speaker", reference=reference) as (session, stage, tts):
        translate(session, 0)
        await stage.push()
        await stage.finish()
        assert heard(session) == b"ab" + b"abcd"
        assert tts.voices == ["", "speaker"]


async def test_a_reference_that_comes_at_the_end_changes_nothing() -> None:
    """What has been asked for is said, and no other stream is opened for nothing."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        yield chunk(text, b"ab", is_last=True)

    reference = Reference(is_wanted=True)
    async with speaking(behave, voice="speaker", reference=reference) as (session, stage, tts):
        translate(session, 0)
        await stage.push()
        reference.receive_speech(6 * SECOND, bytes(12 * SECOND))
        await stage.finish()
        assert heard(session) == b"ab"
        assert len(tts.voices) == 1


async def test_where_nobody_imitates_the_default_voice_goes_on() -> None:
    """A voice that cannot be had for long costs what was asked of it, and not the speech of the session."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[Answer]:
        if tts.configs[stream].voice:
            raise RuntimeError
        yield chunk(text, text.text.encode(), is_last=True)

    reference = Reference(is_wanted=True)
    reference.receive_speech(6 * SECOND, bytes(12 * SECOND))
    async with speaking(behave, voice="speaker", reference=reference, patience_seconds=0) as (session, stage, tts):
        translate(session, 0)
        await stage.push()
        while session.clauses_owed("es"):  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)
        translate(session, 1)
        await stage.push()
        await stage.finish()
        bodies = [event.body for event in session.events_to_send()]
        assert [body.kind for body in bodies if isinstance(body, Notice)] == [NoticeKind.SYNTHESIS_FAILED]
        said = [body.message.audio for body in bodies if isinstance(body, Speech)]
        assert (b"".join(said), tts.voices) == ("buenos días".encode(), ["speaker", ""])
