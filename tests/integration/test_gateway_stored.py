"""Sessions that others watch, list, export and delete."""

import asyncio
import json

import grpc
import pytest

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.v1 import gateway_pb2
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told


async def test_a_late_viewer_gets_the_past_once_then_what_happens(client: AsyncClient) -> None:
    """Finals in the order of their numbers, each once, no speech, and the summary of the speaker."""
    audio = talk(20).tobytes()
    async with client.open_session(source="en", targets=["es"], speech=["es"]) as session:
        events = aiter(session)
        session_id = (await anext(events)).session_started.session_id
        await session.send_audio(audio[: len(audio) // 2])
        while (await anext(events)).event_number < 2:
            pass
        viewer = aiter(client.watch(session_id))
        watched = Told([await anext(viewer)])
        await session.send_audio(audio[len(audio) // 2 :])
        await session.finish()
        rest, live = await asyncio.gather(_all(events), _all(viewer))
    watched.events += live
    assert watched.numbers == list(range(1, watched.numbers[-1] + 1))
    assert watched.translated("es") == list(watched.finals)
    assert watched.speech == []
    assert watched.summary == rest[-1].summary


async def _all(events: object) -> list[gateway_pb2.SessionEvent]:
    return [event async for event in events]  # type: ignore[attr-defined] # an iterator


async def test_an_ended_session_can_be_watched_exported_and_deleted(client: AsyncClient) -> None:
    """Viewers get its finals from the store, files have its segments, and nothing is left after deleting."""
    told = await Told.of(client.translate(pieces(talk(8).tobytes()), source="en", targets=["es"], title="Ended"))
    session_id = told.session_id
    watched = await Told.of(client.watch(session_id, after_event_number=1))
    assert watched.numbers == told.numbers[1:]
    assert watched.summary.word_count == told.summary.word_count
    assert watched.summary.translation_count == told.summary.translation_count

    stored = await client.get_session(session_id)
    assert (stored.title, stored.state) == ("Ended", gateway_pb2.SESSION_STATE_COMPLETED)
    assert stored.segment_count == len(told.finals)
    assert stored.audio_duration == told.summary.audio_duration
    assert session_id in [session.session_id async for session in client.list_sessions()]

    exported = {name: (await client.export_session(session_id, name)).decode() for name in ("srt", "vtt", "json")}
    assert exported["srt"].count(" --> ") >= len(told.finals)
    assert exported["vtt"].startswith("WEBVTT")
    assert len(json.loads(exported["json"])["segments"]) == len(told.finals)
    spanish = (await client.export_session(session_id, "txt", language="es")).decode()
    assert spanish.split() == " ".join(told.finals.values()).split()  # the translator echoes

    await client.delete_session(session_id)
    with pytest.raises(TranslateError) as raised:
        await client.get_session(session_id)
    assert raised.value.code is grpc.StatusCode.NOT_FOUND


async def test_a_running_session_cannot_be_deleted(client: AsyncClient) -> None:
    """It can be read, though, and is active."""
    async with client.open_session(source="en") as session:
        session_id = (await anext(aiter(session))).session_started.session_id
        stored = await client.get_session(session_id)
        assert stored.state == gateway_pb2.SESSION_STATE_ACTIVE
        with pytest.raises(TranslateError) as raised:
            await client.delete_session(session_id)
    assert raised.value.code is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_running_session_is_exported(client: AsyncClient) -> None:
    """Every format has what is stored by then, in every language; later it has more."""
    audio = talk(20).tobytes()
    async with client.open_session(source="en", targets=["es"]) as session:
        events = aiter(session)
        session_id = (await anext(events)).session_started.session_id
        await session.send_audio(audio[: len(audio) // 2])
        while (await anext(events)).checkpoint.last_event_number < 2:
            pass
        half = [await client.export_session(session_id, "txt", language=language) for language in ("", "es")]
        assert all(half)
        assert (await client.export_session(session_id, "vtt")).startswith(b"WEBVTT")
        assert b" --> " in await client.export_session(session_id, "srt", language="es")
        assert json.loads(await client.export_session(session_id, "json"))["segments"]
        await session.send_audio(audio[len(audio) // 2 :])
        await session.finish()
        await _all(events)
    for language, before in zip(("", "es"), half, strict=True):
        whole = await client.export_session(session_id, "txt", language=language)
        assert whole.startswith(before)
        assert len(whole) > len(before)


async def test_audio_and_speech_are_kept_where_asked_for(client: AsyncClient) -> None:
    """Every sample of the session, at its place, and the speech as it was heard."""
    audio = talk(8).tobytes()
    wishes = {"source": "en", "targets": ["es"], "speech": ["es"], "store_audio": True, "store_speech": True}
    told = await Told.of(client.translate(pieces(audio), **wishes))  # type: ignore[arg-type] # options by name
    kept = [piece async for piece in client.read_audio(told.session_id)]
    assert b"".join(piece.audio for piece in kept) == audio
    assert {piece.sample_rate_hertz for piece in kept} == {16_000}
    spoken = [piece async for piece in client.read_audio(told.session_id, "es")]
    assert b"".join(piece.audio for piece in spoken) == b"".join(speech.audio.audio for speech in told.speech)

    unkept = await Told.of(client.translate(pieces(audio), source="en"))
    with pytest.raises(TranslateError, match="store_audio") as raised:
        await anext(aiter(client.read_audio(unkept.session_id)))
    assert raised.value.reason == "AUDIO_NOT_STORED"


async def test_an_unknown_session_is_not_found(client: AsyncClient) -> None:
    """Whoever does not know an id gets nothing."""
    with pytest.raises(TranslateError) as raised:
        await Told.of(client.watch("nothing-of-the-kind"))
    assert raised.value.code is grpc.StatusCode.NOT_FOUND
    with pytest.raises(TranslateError) as raised:
        await client.export_session("nothing-of-the-kind", "srt")
    assert raised.value.code is grpc.StatusCode.NOT_FOUND


async def test_a_language_that_was_not_asked_for_cannot_be_exported(client: AsyncClient) -> None:
    """The error lists the session's languages."""
    told = await Told.of(client.translate(pieces(talk(3).tobytes()), source="en", targets=["es"]))
    with pytest.raises(TranslateError, match="en, es") as raised:
        await client.export_session(told.session_id, "srt", language="ca")
    assert raised.value.reason == "LANGUAGE_NOT_IN_SESSION"


async def test_capabilities_list_what_there_is(client: AsyncClient) -> None:
    """Languages, pairs, voices and the limit come from the services."""
    found = await client.capabilities()
    assert [recognizer.model for recognizer in found.recognizers] == ["asr_null"]
    assert {(p.source_language_code, p.target_language_code) for p in found.translators[0].language_pairs} >= {
        ("en", "es")
    }
    assert {voice.language_code for voice in found.voices} >= {"es", "ca"}
    assert found.max_message_size_bytes == 4 * 1024 * 1024
