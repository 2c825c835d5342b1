"""What a session may wish for, through the whole system."""

import json
from datetime import timedelta

import pytest
import tritonclient.grpc as triton_grpc

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.stack.stack import Stack
from livetranslate.v1 import gateway_pb2, mt_pb2, types_pb2
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told

EIGHT = ["es", "ca", "fr", "it", "pt", "gl", "ro", "eo"]
STARTED, ENDED = types_pb2.SPEECH_ACTIVITY_KIND_STARTED, types_pb2.SPEECH_ACTIVITY_KIND_ENDED


def recognitions(stack: Stack) -> int:
    """Steps that the recognizer has decoded so far."""
    with triton_grpc.InferenceServerClient(stack.addresses["triton"]) as client:
        statistics = client.get_inference_statistics("asr_null")
    return int(statistics.model_stats[0].inference_stats.success.count)


def revisions(told: Told, language: str) -> list[mt_pb2.TranslationRevision]:
    """What was said of the translations into a language, in order."""
    told_of = [event.translation.revision for event in told.events if event.HasField("translation")]
    return [revision for revision in told_of if revision.language_code == language]


async def test_eight_targets_take_one_recognition(client: AsyncClient, null_stack: Stack) -> None:
    """As many steps are decoded for eight targets as for none, and each target has every segment."""
    audio = talk(20).tobytes()
    counts = []
    for targets in ([], EIGHT):
        before = recognitions(null_stack)
        told = await Told.of(client.translate(pieces(audio), source="en", targets=targets))
        counts.append(recognitions(null_stack) - before)
    assert counts[0] == counts[1] > 0
    assert all(told.translated(language) == list(told.finals) for language in EIGHT)


async def test_a_target_added_in_mid_sentence_begins_with_it(client: AsyncClient) -> None:
    """The sentence that is being spoken is translated from its first word, and committed clause by clause."""
    audio = talk(12).tobytes()
    async with client.open_session(source="en", targets=["es"]) as session:
        told, events = Told(), aiter(session)
        await session.send_audio(audio[: len(audio) // 2])
        await told.until(events, lambda so_far: bool(so_far.transcripts))
        speaking = told.transcripts[-1].revision
        assert not speaking.is_final
        await session.set_targets(["es", "ca"])
        await session.send_audio(audio[len(audio) // 2 :])
        await session.finish()
        told.events += [event async for event in events]
    first = told.translated("ca")[0]
    assert first >= speaking.segment_id
    final = next(r for r in revisions(told, "ca") if r.segment_id == first and r.is_final)
    assert len(final.committed_text.split()) == len(told.finals[first].split())
    assert told.translated("es")[-1] == told.translated("ca")[-1] == list(told.finals)[-1]


async def test_committed_translation_only_grows(client: AsyncClient) -> None:
    """What was committed of a translation stands at the beginning of all that comes after, up to the final."""
    told = await Told.of(client.translate(pieces(talk(30).tobytes(), 3_200), source="en", targets=["es"]))
    committed: dict[str, str] = {}
    for revision in revisions(told, "es"):
        assert revision.committed_text.startswith(committed.get(revision.segment_id, ""))
        committed[revision.segment_id] = revision.committed_text
    assert len(committed) > 3


async def test_committed_only_shows_nothing_that_may_change(client: AsyncClient) -> None:
    """Neither transcripts nor translations have unstable text, and the finals are the same as ever."""
    audio = pieces(talk(15).tobytes(), 3_200)
    told = await Told.of(client.translate(audio, source="en", targets=["es"], committed_only=True))
    usual = await Told.of(client.translate(audio, source="en", targets=["es"]))
    shown = [transcript.revision.unstable_text for transcript in told.transcripts]
    shown += [revision.unstable_text for revision in revisions(told, "es")]
    assert not any(shown)
    assert list(told.finals.values()) == list(usual.finals.values())


async def test_speech_is_told_before_its_words(client: AsyncClient) -> None:
    """Each segment's speech starts before its first text and has ended before its final one."""
    told = await Told.of(client.translate(pieces(talk(15).tobytes()), source="en"))
    seen: dict[str, list[int]] = {}
    for event in told.events:
        if event.HasField("speech_activity"):
            seen.setdefault(event.speech_activity.segment_id, []).append(event.speech_activity.kind)
        elif event.HasField("transcript"):
            revision = event.transcript.revision
            assert seen[revision.segment_id] == ([STARTED, ENDED] if revision.is_final else seen[revision.segment_id])
            assert seen[revision.segment_id][0] == STARTED
    assert set(told.finals) <= set(seen)


async def test_a_shorter_pause_makes_more_segments(client: AsyncClient) -> None:
    """How segments are cut is the session's choice, and no sample is lost by it."""
    audio = pieces(talk(40).tobytes())
    few = await Told.of(client.translate(audio, source="en", endpointing={"stop_duration": timedelta(seconds=2)}))
    many = await Told.of(
        client.translate(
            audio,
            source="en",
            endpointing={"stop_duration": timedelta(milliseconds=200), "max_duration": timedelta(seconds=3)},
        )
    )
    assert len(many.finals) > len(few.finals)
    assert few.checkpoints[-1] == many.checkpoints[-1] == talk(40).size


async def test_a_wish_out_of_range_is_refused(client: AsyncClient) -> None:
    """The error names the wish and what is possible."""
    with pytest.raises(TranslateError, match="max_duration") as refused:
        await Told.of(client.translate([], source="en", endpointing={"max_duration": timedelta(hours=1)}))
    assert refused.value.reason == "ENDPOINTING_INVALID"


async def test_speech_comes_before_the_sentence_ends(stack: Stack) -> None:
    """A clause is spoken while its segment is still open, in order, and every clause is closed once."""
    async with AsyncClient(stack.gateway_address) as client:
        told = await Told.of(client.translate(pieces(talk(30).tobytes(), 3_200), source="en", speech=["es"]))
    clauses = [(speech.audio.segment_id, speech.audio.clause) for speech in told.speech if speech.audio.is_last]
    assert clauses == sorted(set(clauses))
    ends = [speech.audio.segment_id for speech in told.speech if speech.audio.is_last and speech.audio.is_segment_end]
    assert ends == told.translated("es")
    assert any(clause for _, clause in clauses)
    heard = [speech.audio.playout_offset.ToMilliseconds() for speech in told.speech if speech.audio.audio]
    assert heard == sorted(heard)


async def test_speech_may_be_opus(stack: Stack) -> None:
    """Each clause is a complete Ogg file, and says how the original is to be lowered meanwhile."""
    options = gateway_pb2.SpeechOptions(encoding=gateway_pb2.SPEECH_ENCODING_OGG_OPUS, ducking_db=20)
    target = gateway_pb2.Target(language_code="es", speech=True, speech_options=options)
    async with AsyncClient(stack.gateway_address) as client:
        told = await Told.of(client.translate(pieces(talk(10).tobytes()), source="en", targets=[target]))
    clauses: dict[tuple[str, int], bytes] = {}
    for speech in told.speech:
        key = speech.audio.segment_id, speech.audio.clause
        clauses[key] = clauses.get(key, b"") + speech.audio.audio
    assert clauses
    assert all(content.startswith(b"OggS") for content in clauses.values() if content)
    assert {speech.ducking_db for speech in told.speech} == {20}


async def test_terms_are_kept_and_the_others_translated(stack: Stack) -> None:
    """A forced translation and a kept word stand in the translation, and quality is stored beside it."""
    glossary = {"new version": {"es": "edición reciente"}, "meeting": {}}
    async with AsyncClient(stack.gateway_address) as client:
        told = await Told.of(client.translate(pieces(talk().tobytes()), source="en", targets=["es"], glossary=glossary))
        export = await client.export_session(told.session_id, "json", language="es")
    english = " ".join(told.finals.values()).lower()
    finals = [revision for revision in revisions(told, "es") if revision.is_final]
    spanish = " ".join(revision.committed_text for revision in finals)
    for term, kept in (("new version", "edición reciente"), ("meeting", "meeting")):
        assert term not in english or kept.lower() in spanish.lower()
    assert any(term in english for term in ("new version", "meeting"))
    assert all(0 < revision.quality <= 1 for revision in finals if revision.committed_text)
    stored = json.loads(export)["segments"]
    assert [segment["quality"] for segment in stored] == pytest.approx([r.quality for r in finals], abs=1e-3)
