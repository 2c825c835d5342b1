"""What the inner services can do, as they say themselves, over real gRPC."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from gateway.capabilities import CapabilityFinder, Hops, Remembered
from gateway.events import MAX_TARGETS, Target
from livetranslate.errors import InvalidArgumentError, UnavailableError
from livetranslate.v1 import asr_pb2, asr_pb2_grpc, mt_pb2, mt_pb2_grpc, tts_pb2, tts_pb2_grpc

SPANISH = [Target("es", speech=True)]


@dataclass
class Service:
    """One inner service: what it lists, whether it is there, and how often it was asked."""

    items: list[Any]
    is_away: bool = False
    asked: int = 0

    async def answer(self, context: "grpc.aio.ServicerContext[Any, Any]") -> list[Any]:
        self.asked += 1
        if self.is_away:
            await context.abort(grpc.StatusCode.UNAVAILABLE)
        return self.items


@dataclass
class Services(asr_pb2_grpc.AsrServiceServicer, mt_pb2_grpc.MtServiceServicer, tts_pb2_grpc.TtsServiceServicer):
    """All three in one server."""

    asr: Service = field(default_factory=lambda: Service([asr_pb2.Recognizer(model="a", language_codes=["en"])]))
    mt: Service = field(
        default_factory=lambda: Service(
            [
                mt_pb2.Translator(
                    model="m",
                    language_pairs=[
                        mt_pb2.LanguagePair(source_language_code="en", target_language_code=code)
                        for code in ("es", "ca")
                    ],
                )
            ]
        )
    )
    tts: Service = field(default_factory=lambda: Service([tts_pb2.Voice(name="es-male", language_code="es")]))

    async def ListRecognizers(self, request: object, context: Any) -> asr_pb2.ListRecognizersResponse:
        del request
        return asr_pb2.ListRecognizersResponse(recognizers=await self.asr.answer(context))

    async def ListTranslators(self, request: object, context: Any) -> mt_pb2.ListTranslatorsResponse:
        del request
        return mt_pb2.ListTranslatorsResponse(translators=await self.mt.answer(context))

    async def ListVoices(self, request: object, context: Any) -> tts_pb2.ListVoicesResponse:
        del request
        return tts_pb2.ListVoicesResponse(voices=await self.tts.answer(context))

    @property
    def asked(self) -> tuple[int, int, int]:
        return self.asr.asked, self.mt.asked, self.tts.asked


@asynccontextmanager
async def finding(*, has_cloning: bool = False) -> AsyncIterator[tuple[CapabilityFinder, Services]]:
    """A finder that knows nothing yet, and the services that it asks."""
    services = Services()  # type: ignore[abstract] # the streams are not used
    server = grpc.aio.server()
    asr_pb2_grpc.add_AsrServiceServicer_to_server(services, server)
    mt_pb2_grpc.add_MtServiceServicer_to_server(services, server)
    tts_pb2_grpc.add_TtsServiceServicer_to_server(services, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stubs = asr_pb2_grpc.AsrServiceStub, mt_pb2_grpc.MtServiceStub, tts_pb2_grpc.TtsServiceStub
        hops = Hops(*(stub(channel) for stub in stubs))  # type: ignore[arg-type]
        yield CapabilityFinder(hops, has_cloning=has_cloning), services
    await server.stop(None)


async def test_what_can_be_had_is_let_in_without_asking_again() -> None:
    """The second session within half a minute is checked by what is remembered."""
    async with finding() as (finder, services):
        for _ in range(2):
            await finder.check("en", SPANISH)
        assert services.asked == (1, 1, 1)


async def test_captions_alone_need_neither_mt_nor_tts() -> None:
    """And translations without speech need no tts."""
    async with finding() as (finder, services):
        services.mt.is_away = services.tts.is_away = True
        await finder.check("en", [])
        assert services.asked == (1, 0, 0)
        services.mt.is_away = False
        await finder.check("en", [Target("es")])
        assert services.asked == (1, 1, 0)


async def test_what_is_away_can_do_what_it_could() -> None:
    """A session is not refused because a service that will be back is away for a moment."""
    async with finding() as (finder, services):
        known = await finder.find()
        for service in (services.asr, services.mt, services.tts):
            service.is_away = True
        assert await finder.find() == known
        await finder.check("en", SPANISH)


async def test_what_never_answered_is_told_as_unavailable() -> None:
    """The error names the service."""
    async with finding() as (finder, services):
        services.mt.is_away = True
        with pytest.raises(UnavailableError) as raised:
            await finder.check("en", SPANISH)
    assert raised.value.reason == "MT_UNAVAILABLE"


async def test_a_refusal_is_never_by_what_is_remembered() -> None:
    """A model that has come since then is found."""
    async with finding() as (finder, services):
        await finder.check("en", [])
        services.asr.items.append(asr_pb2.Recognizer(model="b", language_codes=["fr"]))
        await finder.check("fr", [])
        assert services.asr.asked == 2


async def test_a_service_whose_models_are_still_loading_keeps_what_it_had() -> None:
    """An empty list is no news, unless nothing was known."""
    answers: list[Sequence[asr_pb2.Recognizer]] = [[], [asr_pb2.Recognizer(model="a")], []]

    async def ask() -> asr_pb2.ListRecognizersResponse:
        return asr_pb2.ListRecognizersResponse(recognizers=answers.pop(0))

    remembered: Remembered[asr_pb2.Recognizer] = Remembered("asr", ask)
    assert [len(await remembered.get(0)) for _ in range(3)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("source", "targets", "reason"),
    [
        pytest.param("fr", [], "LANGUAGE_NOT_SUPPORTED", id="source"),
        pytest.param("en", [Target("fr")], "PAIR_NOT_SUPPORTED", id="target"),
        pytest.param("en", [Target("es"), Target("es")], "TARGET_REPEATED", id="repeated"),
        pytest.param("en", [Target("es")] * (MAX_TARGETS + 1), "TOO_MANY_TARGETS", id="too-many"),
        pytest.param("en", [Target("ca", speech=True)], "VOICE_NOT_SUPPORTED", id="no-voice"),
        pytest.param("en", [Target("es", speech=True, voice="ca-male")], "VOICE_NOT_SUPPORTED", id="wrong-voice"),
    ],
)
async def test_what_cannot_be_had_is_refused(source: str, targets: list[Target], reason: str) -> None:
    """The error says what it is."""
    async with finding() as (finder, _):
        with pytest.raises(InvalidArgumentError) as raised:
            await finder.check(source, targets)
    assert raised.value.reason == reason


async def test_any_candidate_can_be_translated_or_is_the_target_itself() -> None:
    """Where the speaker may change between two languages, each is a target for the other."""
    async with finding() as (finder, services):
        services.asr.items.append(asr_pb2.Recognizer(model="b", language_codes=["en", "es", "fr"]))
        await finder.check("auto", [Target("es")], ["en", "es-MX"])
        await finder.check("auto", [], ["en", "fr"])
        await finder.check("auto", [Target("ca")], ["en"])


@pytest.mark.parametrize(
    ("candidates", "reason", "part"),
    [
        pytest.param(["en", "fr"], "PAIR_NOT_SUPPORTED", "'es', but no model does that from fr", id="pair"),
        pytest.param([], "PAIR_NOT_SUPPORTED", "from ca, fr", id="all-languages"),
        pytest.param(["fr"], "PAIR_NOT_SUPPORTED", "from 'fr'|'fr' into 'es'", id="one-candidate"),
        pytest.param(["en", "de"], "CANDIDATES_NOT_SUPPORTED", "not de", id="recognizer"),
        pytest.param(["en"] * 9, "TOO_MANY_CANDIDATES", "at most 8", id="too-many"),
    ],
)
async def test_candidates_that_cannot_be_had_are_refused(candidates: list[str], reason: str, part: str) -> None:
    """The error names them."""
    async with finding() as (finder, services):
        services.asr.items.append(asr_pb2.Recognizer(model="b", language_codes=["en", "ca", "es", "fr"]))
        with pytest.raises(InvalidArgumentError, match=part) as raised:
            await finder.check("auto", [Target("es")], candidates)
    assert raised.value.reason == reason


@pytest.mark.parametrize("has_cloning", [True, False])
async def test_the_speaker_is_imitated_where_that_is_allowed(has_cloning: bool) -> None:
    """Otherwise there is no such voice."""
    async with finding(has_cloning=has_cloning) as (finder, services):
        services.tts.items.append(tts_pb2.Voice(name="speaker", language_code="es"))
        assert len((await finder.find()).voices) == 1 + has_cloning
        wish = finder.check("en", [Target("es", speech=True, voice="speaker")])
        if has_cloning:
            await wish
        else:
            with pytest.raises(InvalidArgumentError, match="no voice 'speaker'"):
                await wish


async def test_a_voice_that_imitates_is_never_the_only_one() -> None:
    """Another has to stand in until there is something to imitate."""
    async with finding(has_cloning=True) as (finder, services):
        services.tts.items.append(tts_pb2.Voice(name="speaker", language_code="ca"))
        for voice in ("", "speaker"):
            with pytest.raises(InvalidArgumentError, match=r"No voice speaks 'ca'\. Languages: es\."):
                await finder.check("en", [Target("ca", speech=True, voice=voice)])
