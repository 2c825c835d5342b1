"""Sessions in which several languages may be spoken, over a real service and a recognizer that says what it hears."""

from collections.abc import Sequence

import grpc
import pytest

from livetranslate.v1 import asr_pb2, types_pb2
from tests.asr.polyglot import PolyglotTriton, speech
from tests.asr.serving import asr_service, audio, config, finals, loud_is_speech, quiet
from tests.fake_triton import served

Response = asr_pb2.StreamingRecognizeResponse


async def recognize(triton: PolyglotTriton, sound: bytes, **fields: object) -> list[Response]:
    """All responses to a session of "auto"."""
    async with served(triton) as address, asr_service(address, classify=loud_is_speech) as service:
        requests = [config("auto", **fields), *audio(sound)]
        return [response async for response in service.stub.StreamingRecognize(iter(requests))]


def said(*parts: tuple[str, float]) -> bytes:
    """Speech in languages, each followed by a pause."""
    return b"".join(speech(language, seconds) + quiet(1) for language, seconds in parts)


def heard(responses: Sequence[Response]) -> list[tuple[str, str]]:
    """The language and the first word of each final."""
    return [(final.language_code, final.committed_text.split()[0]) for final in finals(responses)]


def changes(responses: Sequence[Response]) -> list[types_pb2.Notice]:
    return [response.notice for response in responses if response.HasField("notice")]


async def test_a_speaker_may_change_between_the_candidates() -> None:
    """Each segment has its language, and the first one in another is told before its words are committed."""
    sound = said(("en", 3), ("es", 3), ("es", 1), ("en", 3))
    responses = await recognize(PolyglotTriton(), sound, candidate_language_codes=["en-GB", "es"])
    assert heard(responses) == [("en-GB", "the"), ("es", "la"), ("es", "la"), ("en-GB", "the")]
    segments = [final.segment_id for final in finals(responses)]
    notices = changes(responses)
    assert [notice.segment_id for notice in notices] == [segments[1], segments[3]]
    assert "'es'" in notices[0].message
    assert {notice.code for notice in notices} == {types_pb2.NOTICE_CODE_LANGUAGE_CHANGED}
    first_committed = next(
        index for index, r in enumerate(responses) if r.revision.segment_id == segments[1] and r.revision.committed_text
    )
    assert [r.HasField("notice") for r in responses].index(True) < first_committed


async def test_a_language_does_not_flip_for_one_unsure_segment() -> None:
    """What was heard in another language is decoded anew in the one that goes on; two in a row change it."""
    triton = PolyglotTriton(probability=0.7)
    sound = said(("en", 3), ("es", 3), ("en", 3), ("es", 3), ("es", 3))
    responses = await recognize(triton, sound, candidate_language_codes=["en", "es"])
    assert heard(responses) == [("en", "the")] * 4 + [("es", "la")]
    assert len(changes(responses)) == 1
    assert set(triton.told) == {"", "en", "es"}


async def test_what_is_no_candidate_is_told_once_and_never_wins() -> None:
    """It is recognized as the language spoken before."""
    responses = await recognize(
        PolyglotTriton(), said(("es", 3), ("pt", 3), ("pt", 3)), candidate_language_codes=["en", "es"]
    )
    assert heard(responses) == [("es", "la")] * 3
    assert ["'pt', which is none of" in notice.message for notice in changes(responses)] == [True]


async def test_without_candidates_all_languages_of_the_model_are_expected() -> None:
    """And a single candidate is told to the model from the first window on."""
    assert heard(await recognize(PolyglotTriton(), said(("es", 3)))) == [("es", "la")]
    triton = PolyglotTriton()
    assert heard(await recognize(triton, said(("es", 3)), candidate_language_codes=["en"])) == [("en", "the")]
    assert set(triton.told) == {"en"}


@pytest.mark.parametrize("probability", [0.99, 0.7])
async def test_a_replay_hears_the_same_languages(probability: float) -> None:
    """From each position that was told, with what was remembered there."""
    sound = said(("en", 3), ("es", 2), ("pt", 2), ("es", 2))
    candidates = {"candidate_language_codes": ["en", "es"]}
    responses = await recognize(PolyglotTriton(probability), sound, **candidates)
    whole = [(final.segment_id, final.language_code, final.committed_text) for final in finals(responses)]
    positions = [response.progress for response in responses if response.HasField("progress")]
    assert len(positions) > len(whole)
    for position in positions[1:-1]:
        start = position.processed_offset
        rest = sound[start.ToNanoseconds() * 16_000 // 1_000_000_000 * 2 :]
        again = await recognize(
            PolyglotTriton(probability), rest, start_offset=start, state=position.state, **candidates
        )
        replayed = [(final.segment_id, final.language_code, final.committed_text) for final in finals(again)]
        assert replayed == whole[len(whole) - len(replayed) :]


@pytest.mark.parametrize(
    ("candidates", "part"),
    [(["en", "de"], "but not de;"), (["de"], "Languages: en, es, fr"), (["en"] * 9, "at most 8")],
)
async def test_candidates_that_cannot_be_had_are_refused(candidates: list[str], part: str) -> None:
    """The error names them, or what there is."""
    with pytest.raises(grpc.aio.AioRpcError, match=part) as refusal:
        await recognize(PolyglotTriton(), b"", candidate_language_codes=candidates)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
