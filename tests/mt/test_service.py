"""The gRPC shell of mt, over gRPC."""

import asyncio

import grpc
import pytest

from livetranslate.errors import UnavailableError
from livetranslate.glossary import Term
from livetranslate.status import error_info
from livetranslate.v1 import mt_pb2, types_pb2
from mt.job import Job, JobKind, Translation
from mt.settings import MtSettings
from tests.mt.serving import answers, config, draft, final, next_revision, running, shout, targets


async def test_a_session_from_end_to_end() -> None:
    """Each final comes back once for each target, in order, and the stream ends well after half-close."""
    async with running() as mt:
        requests = [config("es"), final(1, "one"), targets("es", "ca"), final(2, ""), final(3, "three")]
        received = [answer.revision for answer in await answers(mt.stub.StreamingTranslate(iter(requests)))]
    spanish = [revision for revision in received if revision.language_code == "es"]
    assert [revision.committed_text for revision in spanish] == ["ONE es", "", "THREE es"]
    catalan = [revision.committed_text for revision in received if revision.language_code == "ca"]
    assert catalan == ["", "THREE ca"]
    assert all(revision.is_final for revision in received)


async def test_the_load_is_told() -> None:
    """The first answer carries how busy the service is, and those that follow within a second do not."""
    async with running() as mt:
        received = await answers(mt.stub.StreamingTranslate(iter([config("es"), final(1, "one"), final(2, "two")])))
    assert received[0].HasField("load")
    assert sum(answer.HasField("load") for answer in received) < len(received)


async def test_drafts_come_before_the_final() -> None:
    """A draft is answered as unstable text while the segment grows."""
    async with running() as mt:
        call = mt.stub.StreamingTranslate()
        await call.write(config("es"))
        await call.write(draft(1, "good"))
        first = await next_revision(call)
        await call.write(final(1, "good morning"))
        await call.done_writing()
        (second,) = await answers(call)
    assert (first.unstable_text, first.is_final) == ("GOOD es", False)
    assert second.revision.committed_text == "GOOD MORNING es"


async def test_clauses_are_committed_while_the_speaker_goes_on() -> None:
    """The translation of a clause is committed before the segment is final, and what follows it is drafted."""
    async with running() as mt:
        call = mt.stub.StreamingTranslate()
        await call.write(config("es"))
        await call.write(draft(1, "we", committed="we went home. then"))
        received = [await next_revision(call)]
        while received[-1].unstable_text != "THEN WE es":
            received.append(await next_revision(call))
        await call.write(final(1, "we went home. then we slept."))
        await call.done_writing()
        received += [answer.revision for answer in await answers(call)]
    assert received[0].committed_text in ("", "WE WENT HOME. es")
    assert received[-2].committed_text == "WE WENT HOME. es"
    assert (received[-1].committed_text, received[-1].is_final) == ("WE WENT HOME. es THEN WE SLEPT. es", True)


async def test_a_model_may_continue_its_own_translation() -> None:
    """A model that takes a prefix gets one clause after the other, each with what came before it."""
    jobs = []

    async def translate(job: Job, waited_seconds: float) -> Translation:
        jobs.append((job.text, job.before, job.prefix, job.context))
        return await shout(job, waited_seconds)

    async with running(translate, takes="prefix context") as mt:
        requests = iter([config("es"), final(1, "we came."), final(2, "we saw. we left.")])
        await answers(mt.stub.StreamingTranslate(requests))
    assert sorted(jobs) == [
        ("we came.", "", "", ()),
        ("we left.", "we saw.", "WE SAW. es", ("we came.",)),
        ("we saw.", "", "", ("we came.",)),
    ]


async def test_a_target_may_wait_for_the_whole_segment() -> None:
    """A target whose policy is segments has nothing committed before the final."""
    async with running() as mt:
        call = mt.stub.StreamingTranslate()
        await call.write(config())
        await call.write(targets("es", policy=mt_pb2.TRANSLATION_POLICY_SEGMENTS))
        await call.write(draft(1, "we", committed="we went home. then"))
        first = await next_revision(call)
        await call.write(final(1, "we went home. then we slept."))
        await call.done_writing()
        (last,) = await answers(call)
    assert (first.committed_text, first.unstable_text) == ("", "WE WENT HOME. THEN WE es")
    assert last.revision.committed_text == "WE WENT HOME. es THEN WE SLEPT. es"


async def test_each_segment_may_be_in_its_own_language() -> None:
    """A segment is translated from its language; in the target's own it is what was said; without a way, a notice."""
    async with running() as mt:
        segments = [final(1, "one", "en"), final(2, "Dos.", "es-MX"), final(3, "x", "fr")]
        requests = iter([config("es", source="auto"), *segments])
        first, second, third = await answers(mt.stub.StreamingTranslate(requests))
    assert first.revision.committed_text == "ONE es"
    assert (second.revision.committed_text, second.revision.model, second.revision.quality) == ("Dos.", "", 1)
    assert third.notice.code == types_pb2.NOTICE_CODE_TRANSLATION_FAILED


async def test_jobs_know_the_glossary() -> None:
    """The terms of the session reach each job, and a glossary that is wrong ends the stream."""
    glossaries = []

    async def translate(job: Job, waited_seconds: float) -> Translation:
        glossaries.append(job.glossary)
        return await shout(job, waited_seconds)

    terms = types_pb2.Glossary(terms=[types_pb2.GlossaryTerm(source="cat", translations={"es": "gata"})])
    async with running(translate) as mt:
        await answers(mt.stub.StreamingTranslate(iter([config("es", glossary=terms), final(1, "one")])))
        terms.terms[0].source = ""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(mt.stub.StreamingTranslate(iter([config("es", glossary=terms)])))
    assert [glossary.terms for glossary in glossaries] == [(Term("cat", {"es": "gata"}),)]
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_a_draft_that_waits_is_sent_when_it_is_due() -> None:
    """A draft held back by the interval goes out by itself, though no request comes."""
    settings = MtSettings(listen="127.0.0.1:0", draft_interval_ms=50)
    async with running(settings=settings) as mt:
        call = mt.stub.StreamingTranslate()
        await call.write(config("es"))
        await call.write(draft(1, "good"))
        await call.read()
        await call.write(draft(1, "good morning"))
        assert (await next_revision(call)).unstable_text == "GOOD"  # what both say
        call.cancel()


async def test_a_draft_is_cancelled_by_its_final() -> None:
    """The translation of a draft is cancelled once its segment is final."""
    cancelled = asyncio.Event()

    async def translate(job: Job, waited_seconds: float) -> Translation:
        if job.kind is JobKind.CLAUSE:
            return await shout(job, waited_seconds)
        try:
            return await asyncio.Future()
        finally:
            cancelled.set()

    async with running(translate) as mt:
        received = await answers(mt.stub.StreamingTranslate(iter([config("es"), draft(1, "a"), final(1, "a")])))
        assert [answer.revision.committed_text for answer in received] == ["A es"]

        call = mt.stub.StreamingTranslate()
        await call.write(config("es"))
        await call.write(draft(1, "a"))
        await call.write(draft(2, "a"))
        cancelled.clear()
        await call.write(final(1, "a"))
        await call.read()
        call.cancel()
        await cancelled.wait()


async def test_a_failure_spoils_one_segment() -> None:
    """A final that fails is a notice without its text, and the segments after it are translated."""

    async def translate(job: Job, waited_seconds: float) -> Translation:
        if job.text == "secret":
            raise UnavailableError("TRITON_UNAVAILABLE", "Triton is not available.")
        return await shout(job, waited_seconds)

    async with running(translate) as mt:
        requests = iter([config("es"), final(1, "secret"), final(2, "two")])
        first, second = await answers(mt.stub.StreamingTranslate(requests))
    assert first.notice.code == types_pb2.NOTICE_CODE_TRANSLATION_FAILED
    assert (first.notice.segment_id, first.notice.language_code) == ("000000000001", "es")
    assert "secret" not in str(first)
    assert second.revision.committed_text == "TWO es"


@pytest.mark.parametrize("languages", [["xx", "ca"], ["en-GB", "ca"], ["", "ca"]])
async def test_a_target_without_a_model_is_refused(languages: list[str]) -> None:
    """In an update the target that cannot be had is a notice; the others hold."""
    async with running() as mt:
        requests = iter([config("es"), targets(*languages), final(1, "one")])
        notice, revision = await answers(mt.stub.StreamingTranslate(requests))
    assert notice.notice.code == types_pb2.NOTICE_CODE_TARGET_REFUSED
    assert notice.notice.language_code == languages[0]
    assert revision.revision.language_code == "ca"


async def test_a_wrong_update_changes_nothing() -> None:
    """An update that names a target twice is refused as a whole."""
    async with running() as mt:
        requests = iter([config("es"), targets("ca", "ca"), final(1, "one")])
        notice, revision = await answers(mt.stub.StreamingTranslate(requests))
    assert "as before" in notice.notice.message
    assert revision.revision.language_code == "es"


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], "CONFIG_EXPECTED"),
        ([final(1, "one")], "CONFIG_EXPECTED"),
        ([config("es"), config("es")], "CONFIG_REPEATED"),
        ([config("xx")], "PAIR_NOT_SUPPORTED"),
        ([config("en-GB")], "SAME_LANGUAGE"),
        ([config("es"), final(1, "one"), draft(0, "x"), config("es")], "CONFIG_REPEATED"),
    ],
)
async def test_a_wrong_request_ends_the_stream(requests: list[mt_pb2.StreamingTranslateRequest], reason: str) -> None:
    """What the caller does wrong ends the stream with INVALID_ARGUMENT and says what it was."""
    async with running() as mt:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(mt.stub.StreamingTranslate(iter(requests)))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    info = error_info(caught.value)
    assert info is not None
    assert info.reason == reason


async def test_an_unknown_pair_lists_what_there_is() -> None:
    """The error for an unknown pair names the pairs there are."""
    async with running() as mt:
        with pytest.raises(grpc.aio.AioRpcError, match="en → ca, en → es"):
            await answers(mt.stub.StreamingTranslate(iter([config("xx")])))


async def test_too_many_finals_hold_the_client_back() -> None:
    """While as many finals as allowed are under way nothing more is read; afterwards all are answered."""
    started: list[str] = []
    go_on = asyncio.Event()
    is_full = asyncio.Event()

    async def translate(job: Job, waited_seconds: float) -> Translation:
        started.append(job.text)
        if len(started) == 2:
            is_full.set()
        await go_on.wait()
        return await shout(job, waited_seconds)

    async with running(translate, MtSettings(listen="127.0.0.1:0", final_limit=2)) as mt:
        call = mt.stub.StreamingTranslate(iter([config("es"), *(final(number, "x") for number in range(5))]))
        reading = asyncio.ensure_future(answers(call))
        await is_full.wait()
        await mt.stub.ListTranslators(mt_pb2.ListTranslatorsRequest())  # a round trip: the server has had its turn
        assert len(started) == 2
        go_on.set()
        assert len(await reading) == 5


async def test_a_client_that_vanishes_frees_everything() -> None:
    """When the client cancels, its translations are cancelled too."""
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def translate(job: Job, waited_seconds: float) -> Translation:
        started.set()
        try:
            return await asyncio.Future()
        finally:
            cancelled.set()

    async with running(translate) as mt:
        call = mt.stub.StreamingTranslate()
        await call.write(config("es"))
        await call.write(final(1, "one"))
        await started.wait()
        call.cancel()
        await cancelled.wait()
        assert await mt.server.drain.idle(5)


async def test_closing_answers_the_finals() -> None:
    """A server that closes answers the finals that it has, ends the stream, and takes no new one."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async def translate(job: Job, waited_seconds: float) -> Translation:
        started.set()
        await go_on.wait()
        return await shout(job, waited_seconds)

    settings = MtSettings(listen="127.0.0.1:0", drain_seconds=0, flush_seconds=5)
    async with running(translate, settings) as mt:
        call = mt.stub.StreamingTranslate()
        await call.write(config("es"))
        await call.write(final(1, "one"))
        await started.wait()
        stopping = asyncio.ensure_future(mt.server.stop())
        await mt.server.drain.closing.wait()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await mt.stub.TranslateText(mt_pb2.TranslateTextRequest())
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        go_on.set()
        assert [answer.revision.committed_text for answer in await answers(call)] == ["ONE es"]
        assert await call.code() == grpc.StatusCode.OK
        await stopping


async def test_texts_are_translated_at_once() -> None:
    """Each text comes back in its place; an empty one stays empty."""
    async with running() as mt:
        response = await mt.stub.TranslateText(
            mt_pb2.TranslateTextRequest(
                texts=["one", " ", "two"], source_language_code="en-GB", target_language_code="es"
            )
        )
    assert list(response.translations) == ["ONE es", "", "TWO es"]
    assert response.model == "mt_test"


async def test_texts_name_the_model_that_translated_them() -> None:
    """Where another model than the first gave the translations, it is named."""

    async def translate(job: Job, waited_seconds: float) -> Translation:
        return Translation("uno", model="mt_second")

    async with running(translate) as mt:
        response = await mt.stub.TranslateText(
            mt_pb2.TranslateTextRequest(texts=["", "one"], source_language_code="en", target_language_code="es")
        )
    assert response.model == "mt_second"


async def test_many_texts_leave_room_for_others() -> None:
    """Of one call's texts a batch is under way at a time: live speech does not wait behind all of them."""
    under_way, most = 0, 0

    async def translate(job: Job, waited_seconds: float) -> Translation:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)  # a turn for the others
        under_way -= 1
        return await shout(job, waited_seconds)

    texts = [f"text {number}" for number in range(100)]
    async with running(translate) as mt:
        response = await mt.stub.TranslateText(
            mt_pb2.TranslateTextRequest(texts=texts, source_language_code="en", target_language_code="es")
        )
    assert list(response.translations) == [f"TEXT {number} es" for number in range(100)]
    assert most == 16


@pytest.mark.parametrize(
    ("texts", "target", "reason"),
    [
        (["x"] * 101, "es", "TOO_MANY_TEXTS"),
        (["x" * 10_001], "es", "TEXT_TOO_LONG"),
        (["x"], "xx", "PAIR_NOT_SUPPORTED"),
    ],
)
async def test_wrong_texts_are_refused(texts: list[str], target: str, reason: str) -> None:
    """Too many texts, too long a text and an unknown pair are refused by name."""
    request = mt_pb2.TranslateTextRequest(texts=texts, source_language_code="en", target_language_code=target)
    async with running() as mt:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await mt.stub.TranslateText(request)
    info = error_info(caught.value)
    assert info is not None
    assert info.reason == reason


async def test_translators_are_listed() -> None:
    """A model is listed with its pairs and its licence."""
    async with running() as mt:
        (translator,) = (await mt.stub.ListTranslators(mt_pb2.ListTranslatorsRequest())).translators
    assert (translator.model, translator.license) == ("mt_test", "MIT")
    pairs = [(pair.source_language_code, pair.target_language_code) for pair in translator.language_pairs]
    assert pairs == [("en", "es"), ("en", "ca")]
