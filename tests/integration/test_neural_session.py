"""Sessions through the whole system on neural models, some of them the very tests that other engines have to pass."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bench.triton_counts import counts_of
from bench.weights.translator import save_dictionary_translator
from bench.weights.voice import save_tiny_voice
from bench.weights.whisper import save_tone_whisper
from bench.weights.whisper_tones import WORDS
from livetranslate.client import AsyncClient
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from livetranslate.stack.triton import Triton
from tests.environment import ENVIRONMENT
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told
from tests.integration.test_gateway_captions import (  # noqa: F401 - they run here with this module's `client`
    revisions,
    test_a_shorter_pause_makes_more_segments,
    test_a_target_added_in_mid_sentence_begins_with_it,
    test_a_wish_out_of_range_is_refused,
    test_committed_only_shows_nothing_that_may_change,
    test_committed_translation_only_grows,
    test_speech_is_told_before_its_words,
)
from tests.integration.test_gateway_session import (  # noqa: F401 - as above
    test_a_session_tells_everything_in_the_order_of_the_contract,
    test_committed_text_only_grows,
    test_speech_comes_segment_by_segment,
    test_targets_come_and_go,
)

TARGETS = {"es": WORDS["es"], "ca": WORDS["es"], "de": WORDS["de"]}
VOICES = ("es", "ca")
SESSIONS = 4


@pytest.fixture(scope="module")
def neural_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system with a Whisper that hears pitches, dictionaries, and voices that hum."""
    models = tmp_path_factory.mktemp("models")
    save_tone_whisper(models / "whisper-tones")
    for language, words in TARGETS.items():
        dictionary = dict(zip(WORDS["en"], words, strict=True))
        save_dictionary_translator(models / f"opus-en-{language}", "en", language, dictionary)
    for language in VOICES:
        save_tiny_voice(models / f"piper-{language}", language)
    options = StackOptions(
        profile="cpu",
        models_folder=models,
        data_folder=tmp_path_factory.mktemp("neural_stack"),
        environment=ENVIRONMENT,
    )
    with running_stack(options) as stack:
        yield stack


@pytest.fixture
async def client(neural_stack: Stack) -> AsyncIterator[AsyncClient]:
    """A client of that system."""
    async with AsyncClient(neural_stack.gateway_address) as client:
        yield client


def mean_batch(stack: Stack, model: str) -> float:
    """How many requests Triton has given the model at a time, on average."""
    triton = stack.parts["triton"]
    assert isinstance(triton, Triton)
    return counts_of(triton, model).mean_batch


async def test_each_word_is_translated_and_spoken_by_neural_models(client: AsyncClient) -> None:
    """What Whisper wrote is translated word for word, in both languages, and spoken by the language's own voice."""
    told = await Told.of(client.translate(pieces(talk(20).tobytes()), source="en", targets=["de"], speech=["es"]))
    assert len(told.finals) > 3
    for language in ("es", "de"):
        dictionary = dict(zip(WORDS["en"], TARGETS[language], strict=True))
        finals = {r.segment_id: r for r in revisions(told, language) if r.is_final}
        for segment, text in told.finals.items():
            assert finals[segment].committed_text.split() == [dictionary[word] for word in text.split()]
            assert finals[segment].model == f"mt_opus_en_{language}"
    assert {transcript.revision.model for transcript in told.transcripts} == {"asr_whisper_tones"}
    assert {speech.audio.model for speech in told.speech} == {"tts_piper_es"}
    assert told.notices == []


async def test_words_have_their_times(client: AsyncClient) -> None:
    """Words follow one another within their segment, half a second each as the model hears them."""
    told = await Told.of(client.translate(pieces(talk(20).tobytes()), source="en"))
    finals = [transcript.revision for transcript in told.transcripts if transcript.revision.is_final]
    for revision in finals:
        starts = [word.start_offset.ToMilliseconds() for word in revision.words]
        ends = [word.end_offset.ToMilliseconds() for word in revision.words]
        assert starts == sorted(set(starts))
        assert starts[0] >= revision.start_offset.ToMilliseconds()
        assert ends[-1] <= revision.end_offset.ToMilliseconds()
    assert sum(len(revision.words) for revision in finals) > 20


async def test_sessions_that_speak_at_the_same_time_share_batches(client: AsyncClient, neural_stack: Stack) -> None:
    """Each is answered as if it were alone, whatever else is in its batches, and batches there are."""
    clips = [pieces(talk(15, 10.0 * number).tobytes()) for number in range(SESSIONS)]

    async def session(clip: list[bytes]) -> list[str]:
        told = await Told.of(client.translate(clip, source="en", targets=["es", "de"], speech=["es"]))
        translated = [r.committed_text for language in ("es", "de") for r in revisions(told, language) if r.is_final]
        return [*told.finals.values(), *sorted(translated)]

    alone = [await session(clip) for clip in clips]
    before = mean_batch(neural_stack, "asr_whisper_tones")
    together = await asyncio.gather(*(session(clip) for clip in clips))
    assert together == alone
    assert len({tuple(texts) for texts in alone}) == SESSIONS  # they say different things
    assert mean_batch(neural_stack, "asr_whisper_tones") > max(1, before)
