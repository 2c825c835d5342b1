"""Sessions that are spoken in the speaker's own voice, through the whole system; the voice is a small model's."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from bench.weights.cloner import save_tiny_cloner
from gateway.reference import LEAST_SAMPLES, MOST_SAMPLES
from livetranslate.client import AsyncClient, TranslateError
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from livetranslate.v1 import gateway_pb2
from livetranslate.weights import read_weights, write_weights
from livetranslate.wire import samples_of_duration
from tests.environment import ENVIRONMENT
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told

ROOT = Path(__file__).parents[2]
IMITATION = "tts_chatterbox_tiny"
SPEAKER = {"es": "speaker"}


def repository(folder: Path) -> Path:
    """The engines that cost nothing, and the one that imitates beside them."""
    shutil.copytree(ROOT / "bench" / "models", folder)
    shutil.copytree(ROOT / "model_repository" / "tts_chatterbox", folder / "tts_chatterbox")
    config = folder / "tts_chatterbox" / "config.pbtxt"
    config.write_text(config.read_text().replace('string_value: "cpu gpu"', 'string_value: "null"'))
    return folder


@pytest.fixture(scope="module")
def cloning_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system, where the operator allows it."""
    weights = tmp_path_factory.mktemp("models") / "chatterbox-tiny"
    save_tiny_cloner(weights)
    write_weights(replace(read_weights(weights), profiles=("null",)))
    options = StackOptions(
        profile="null",
        data_folder=tmp_path_factory.mktemp("cloning_stack"),
        model_repository=repository(tmp_path_factory.mktemp("repository") / "models"),
        models_folder=weights.parent,
        instances=1,
        environment={**ENVIRONMENT, "LIVETRANSLATE_GATEWAY_VOICE_CLONING": "true"},
    )
    with running_stack(options) as stack:
        yield stack


@pytest.fixture
async def cloning_client(cloning_stack: Stack) -> AsyncIterator[AsyncClient]:
    """A client of that system."""
    async with AsyncClient(cloning_stack.gateway_address) as client:
        yield client


def pitch(samples: Any, rate: int) -> float:
    """How high a sound is, as the small model hears it: by how often it crosses zero."""
    return float(np.count_nonzero(np.diff(np.signbit(samples))) / 2 / (samples.size / rate))


def reference_of(told: Told) -> Any:
    """What was heard of the speaker, by the transcript: the first segments with words, until there is enough."""
    heard = np.zeros(0, np.int16)
    for transcript in told.transcripts:
        revision = transcript.revision
        if revision.is_final and revision.committed_text and heard.size < LEAST_SAMPLES:
            start, end = samples_of_duration(revision.start_offset), samples_of_duration(revision.end_offset)
            heard = np.concatenate([heard, talk()[start:end]])
    return heard[:MOST_SAMPLES]


async def test_the_speaker_is_heard_in_another_language(cloning_client: AsyncClient) -> None:
    """The default voice speaks until enough was heard of them; from one segment to the next theirs does, to the end."""
    options: dict[str, Any] = {"source": "en", "speech": ["es"], "voices": SPEAKER, "voice_cloning_consent": True}
    audio, told = pieces(talk().tobytes()), Told()
    async with cloning_client.open_session(**options) as session:
        for piece in audio[:8]:  # four seconds
            await session.send_audio(piece)
        await session.flush()
        events = aiter(session)
        await told.until(events, lambda told: bool(told.speech))
        for piece in audio[8:]:
            await session.send_audio(piece)
        await session.finish()
        told.events += [event async for event in events]
    assert told.notices == []
    speech = [spoken.audio for spoken in told.speech]
    voices = [(model, {audio.segment_id for audio in spoken}) for model, spoken in groupby(speech, lambda a: a.model)]
    assert [model for model, _ in voices] == ["tts_null", IMITATION]
    (_, default), (_, own) = voices
    assert not default & own
    assert [*sorted(default), *sorted(own)] == told.translated("es")
    samples = np.frombuffer(b"".join(audio.audio for audio in speech if audio.model == IMITATION), "<i2")
    assert pitch(samples, 24_000) == pytest.approx(pitch(reference_of(told), 16_000), rel=0.05)


async def test_the_voice_is_offered_where_it_is_allowed(cloning_client: AsyncClient) -> None:
    """Under its own name, for what it speaks."""
    voices = (await cloning_client.capabilities()).voices
    offered = [voice.language_code for voice in voices if voice.name == "speaker"]
    assert offered == ["en", "es", "fr", "ko"]


async def test_nobody_is_imitated_who_has_not_agreed(cloning_client: AsyncClient) -> None:
    """At the beginning that is an error; in a running session the targets stay as they are."""
    with pytest.raises(TranslateError) as raised:
        await Told.of(cloning_client.translate([bytes(3_200)], source="en", speech=["es"], voices=SPEAKER))
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "CONSENT_REQUIRED")
    async with cloning_client.open_session(source="en", speech=["es"]) as session:
        await session.set_targets([gateway_pb2.Target(language_code="es", speech=True, voice="speaker")])
        await session.send_audio(talk(10).tobytes())
        await session.finish()
        told = await Told.of(session)
    assert told.notices == ["TARGET_REFUSED"]
    assert {spoken.audio.model for spoken in told.speech} == {"tts_null"}
