"""Sessions through the whole system, with real parts and engines that cost nothing."""

import asyncio
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from livetranslate.client import AsyncClient
from livetranslate.samples import SAMPLE_RATE_HERTZ
from tests.gateway.talk import CONTAINERS, in_container, pieces, resampled, talk
from tests.gateway.told import Told

LEAST_WORDS = 5  # in six seconds of the recording


async def test_a_session_tells_everything_in_the_order_of_the_contract(client: AsyncClient) -> None:
    """From the first event to the summary: numbers, growing text, translations, speech and checkpoints fit together."""
    audio = talk()
    told = await Told.of(
        client.translate(pieces(audio.tobytes()), source="en", targets=["es", "ca"], speech=["es"], title="Meeting")
    )
    assert told.kinds[0] == "session_started"
    assert told.kinds[-1] == "summary"
    assert told.kinds.count("summary") == 1
    assert told.numbers == list(range(1, 3 * len(told.finals) + 1))
    assert told.translated("es") == told.translated("ca") == list(told.finals)
    assert told.checkpoints == sorted(set(told.checkpoints))
    assert told.checkpoints[-1] == audio.size
    assert told.notices == []
    assert told.summary.segment_count == len(told.finals) > 5
    assert told.summary.translation_count == 2 * len(told.finals)
    assert told.summary.word_count == told.word_count
    assert told.summary.audio_duration.ToSeconds() == audio.size // SAMPLE_RATE_HERTZ


async def test_committed_text_only_grows(client: AsyncClient) -> None:
    """Each revision of a segment begins with what was committed before, and the final has nothing unstable."""
    told = await Told.of(client.translate(pieces(talk(12).tobytes(), 3_200), source="en"))
    committed: dict[str, str] = {}
    for transcript in told.transcripts:
        revision = transcript.revision
        assert revision.committed_text.startswith(committed.get(revision.segment_id, ""))
        assert not (revision.is_final and revision.unstable_text)
        committed[revision.segment_id] = revision.committed_text
    assert committed
    assert told.checkpoints[-1] == talk(12).size


async def test_speech_comes_segment_by_segment(client: AsyncClient) -> None:
    """The chunks of one segment are together, end with the last one, and follow the order of the translations."""
    told = await Told.of(client.translate(pieces(talk(15).tobytes()), source="en", speech=["es"]))
    segments = list(dict.fromkeys(speech.audio.segment_id for speech in told.speech))
    assert segments == told.translated("es")
    ended = [speech.audio.segment_id for speech in told.speech if speech.audio.is_last]
    assert ended == segments
    for before, after in pairwise(told.speech):
        assert before.audio.is_last == (before.audio.segment_id != after.audio.segment_id)


async def test_targets_come_and_go(client: AsyncClient) -> None:
    """A target added midway gets what comes after, and a removed one nothing more."""
    audio = talk(20).tobytes()
    half = len(audio) // 2
    async with client.open_session(source="en", targets=["es"]) as session:
        told = Told()

        async def listen() -> None:
            async for event in session:
                told.events.append(event)
                if told.translated("es"):
                    changed.set()

        changed = asyncio.Event()
        listening = asyncio.create_task(listen())
        await session.send_audio(audio[:half])
        await changed.wait()
        await session.set_targets(["ca"])
        await session.send_audio(audio[half:])
        await session.finish()
        await listening
    assert told.translated("ca")
    assert set(told.translated("ca")) <= set(told.finals)
    assert list(told.finals)[-1] in told.translated("ca")
    assert list(told.finals)[-1] not in told.translated("es")
    assert "TRANSLATION_FAILED" not in told.notices
    assert told.checkpoints[-1] == len(audio) // 2
    stored = await client.get_session(told.session_id)
    assert sorted(stored.target_language_codes) == ["ca", "es"]


async def test_a_change_that_cannot_be_made_is_refused_alone(client: AsyncClient) -> None:
    """The session goes on with the targets as they were, and is told what there is."""
    async with client.open_session(source="en", targets=["es"]) as session:
        await session.set_targets(["es", "xx"])
        await session.send_audio(talk(4).tobytes())
        await session.finish()
        told = await Told.of(session)
    assert told.notices == ["TARGET_REFUSED"]
    [message] = [event.notice.message for event in told.events if event.HasField("notice")]
    assert "en → es" in message
    assert told.translated("es") == list(told.finals)


async def test_a_flush_ends_the_segment(client: AsyncClient) -> None:
    """Speech that goes on is cut where the client says so, before its audio has ended."""
    audio = talk(3).tobytes()
    async with client.open_session(source="en") as session:
        await session.send_audio(audio[: len(audio) // 2])
        await session.flush()
        events = aiter(session)
        while not (event := await anext(events)).transcript.revision.is_final:
            pass
        cut = event.transcript.revision.end_offset
        await session.send_audio(audio[len(audio) // 2 :])
        await session.finish()
        rest = [event async for event in events]
    assert cut.ToMilliseconds() <= 1500
    assert rest[-1].summary.segment_count >= 1


def floats(samples: Any) -> bytes:
    return bytes((samples.astype("<f4") / 32_768).tobytes())


def stereo(samples: Any) -> bytes:
    return bytes(np.repeat(samples, 2).tobytes())


async def test_every_accepted_format_says_the_same(client: AsyncClient) -> None:
    """Whatever the rate, the channels and the container: as many words, give or take one, and as much audio."""
    audio = talk(6)
    formats: list[tuple[bytes, dict[str, Any]]] = [
        (audio.tobytes(), {}),
        *((resampled(audio, rate).tobytes(), {"sample_rate_hertz": rate}) for rate in (8_000, 44_100, 48_000)),
        (stereo(audio), {"channel_count": 2}),
        (floats(audio), {"encoding": "pcm_f32le"}),
        *((in_container(audio, name), {"encoding": "container"}) for name in CONTAINERS),
    ]
    all_told = await asyncio.gather(
        *(Told.of(client.translate(pieces(data), source="en", **options)) for data, options in formats)
    )
    word_counts = [told.word_count for told in all_told]
    assert min(word_counts) >= LEAST_WORDS
    assert max(word_counts) - min(word_counts) <= 1
    for told in all_told:
        assert told.notices == []
        assert told.checkpoints[-1] == pytest.approx(audio.size, abs=0.1 * SAMPLE_RATE_HERTZ)
