from collections.abc import AsyncIterator, Mapping
from typing import Any

import numpy as np
import pytest

from asr.hypothesis import Word
from asr.recognizer import Recognize
from asr.session import DecodeStep
from asr.window_recognizer import MISSED, WindowRecognizer
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    LiveTranslateError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.models import Model
from livetranslate.tensors import Array, Value
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, Outputs, TritonClient

SECOND = 16_000
PLAIN = Model("asr_plain", "asr", ("en", "de"), decoding="window", window_seconds=(10, 5))
TAKING = Model(
    "asr_taking", "asr", ("en",), decoding="window", window_seconds=(5, 10), takes=frozenset({"prompt", "phrases"})
)
BUSY = ResourceExhaustedError("MODEL_BUSY", "busy")
AWAY = UnavailableError("TRITON_UNAVAILABLE", "away")
LATE = DeadlineExceededError("MODEL_TIMEOUT", "late")
BROKEN = InternalError("MODEL_FAILED", "broken")
REFUSED = InvalidArgumentError("MODEL_REFUSED", "refused")
FIRST = 3 * SECOND  # of each window


class Whispering(TritonClient):
    """A client of a model that hears one word; errors come first."""

    def __init__(self, *errors: LiveTranslateError) -> None:
        super().__init__("127.0.0.1:1")  # nothing is sent there
        self.errors = list(errors)
        self.lacking = ""  # an output that it does not have
        self.inputs: list[dict[str, Value]] = []
        self.options: list[dict[str, Any]] = []

    async def infer(self, model: str, inputs: Mapping[str, Value], **options: Any) -> Outputs:
        self.inputs.append(dict(inputs))
        self.options.append({"model": model, **options})
        if self.errors:
            raise self.errors.pop(0)
        length = int(np.asarray(inputs["LENGTH"])[0])
        answer: dict[str, Array | list[bytes]] = {
            "WORDS": ["hören".encode()],
            "WORD_START_SAMPLES": np.array([800], np.int32),
            "WORD_END_SAMPLES": np.array([length], np.int32),
            "WORD_CONFIDENCE": np.array([0.5], np.float32),
            "NO_SPEECH_PROBABILITY": np.array([0.125], np.float32),
            "MEAN_LOG_PROBABILITY": np.array([-0.5], np.float32),
            "COMPRESSION_RATIO": np.array([1.5], np.float32),
            "LANGUAGE": [b"de"],
            "LANGUAGE_PROBABILITY": np.array([0.75], np.float32),
        }
        return {name: value for name, value in answer.items() if name != self.lacking}


@pytest.fixture
async def client() -> AsyncIterator[Whispering]:
    client = Whispering()
    yield client
    await client.close()


def recognize_with(
    client: TritonClient, model: Model = PLAIN, patience_seconds: float = 10, phrases: Any = ()
) -> Recognize:
    return WindowRecognizer(
        client, model, timeout_seconds=5, patience_seconds=patience_seconds, phrases=phrases
    ).recognize


def step(seconds: float = 2, *, is_end: bool = False, prompt: str = "", language: str = "") -> DecodeStep:
    """A window that starts at the session's third second, in a segment that starts before it."""
    samples = np.ones(int(seconds * SECOND), np.int16)
    return DecodeStep(SECOND, FIRST, samples, False, is_end, b"", prompt, language)


async def test_a_window_is_padded_to_the_next_length(client: Whispering) -> None:
    """Zeros are added to the shortest of the model's lengths that will do, and the real length is said."""
    recognize = recognize_with(client)
    for seconds in (2, 5, 5.5):
        await recognize(step(seconds, is_end=True), "")
    audios = [np.asarray(inputs["AUDIO"]) for inputs in client.inputs]
    assert [len(audio) for audio in audios] == [5 * SECOND, 5 * SECOND, 10 * SECOND]
    assert [int(audio.sum()) for audio in audios] == [2 * SECOND, 5 * SECOND, 5.5 * SECOND]
    assert [np.asarray(inputs["LENGTH"]).tolist() for inputs in client.inputs] == [[32_000], [80_000], [88_000]]


async def test_an_answer_is_a_hypothesis(client: Whispering) -> None:
    """Words count from the session's first sample, and the model's doubts are kept."""
    hypothesis = await recognize_with(client)(step(), "")
    assert hypothesis.words == (Word("hören", FIRST + 800, FIRST + 2 * SECOND, 0.5),)
    assert (hypothesis.language, hypothesis.language_probability) == ("de", 0.75)
    assert hypothesis.no_speech_probability == 0.125
    assert (hypothesis.mean_log_probability, hypothesis.compression_ratio) == (-0.5, 1.5)
    assert hypothesis.model_seconds > 0
    assert not hypothesis.is_missing


async def test_an_answer_that_lacks_an_output_fails_the_segment(client: Whispering) -> None:
    """The error is one of LiveTranslate: it is told of the segment, and the stream goes on."""
    client.lacking = "COMPRESSION_RATIO"
    with pytest.raises(InternalError, match="asr_plain"):
        await recognize_with(client)(step(is_end=True), "")


@pytest.mark.parametrize(("language", "told"), [("de", "de"), ("de-AT", "de"), ("", "")])
async def test_the_language_is_told_as_the_model_writes_it(client: Whispering, language: str, told: str) -> None:
    """A region that the model does not know is left out; nothing means that it is to find out."""
    await recognize_with(client)(step(language=language), "")
    assert client.inputs[0]["LANGUAGE"] == [told]


async def test_prompt_and_phrases_go_to_models_that_take_them(client: Whispering) -> None:
    """Phrases are lines of one string, so that requests with different numbers of them go into one batch."""
    phrases = ["Ada Lovelace", "analytical\nengine"]
    await recognize_with(client, TAKING, phrases=phrases)(step(prompt="we met"), "")
    assert client.inputs[0]["PROMPT"] == ["we met"]
    assert client.inputs[0]["PHRASES"] == ["Ada Lovelace\nanalytical engine"]
    await recognize_with(client, PLAIN, phrases=phrases)(step(prompt="we met"), "")
    assert set(client.inputs[1]) == {"AUDIO", "LENGTH", "LANGUAGE"}


async def test_what_is_final_goes_first(client: Whispering) -> None:
    """Other windows have a lower priority and leave the queue when a newer one is due; a full window is not missed."""
    recognize = recognize_with(client)
    for window in (step(), step(is_end=True), step(10)):
        await recognize(window, "00-trace")
    assert [(o["model"], o["priority"], o["queue_timeout_seconds"], o["traceparent"]) for o in client.options] == [
        ("asr_plain", DRAFT_PRIORITY, 1.0, "00-trace"),
        ("asr_plain", FINAL_PRIORITY, 0, "00-trace"),
        ("asr_plain", FINAL_PRIORITY, 0, "00-trace"),
    ]


async def test_a_window_may_be_missed(client: Whispering) -> None:
    """A model that has no time answers nothing, at once."""
    client.errors = [BUSY]
    assert await recognize_with(client)(step(), "") == MISSED
    assert len(client.inputs) == 1


async def test_what_is_final_is_never_missed(client: Whispering) -> None:
    """It is tried again until the model has time."""
    client.errors = [BUSY, AWAY, LATE, BROKEN]
    assert (await recognize_with(client)(step(is_end=True), "")).words
    assert len(client.inputs) == 5


async def test_a_triton_that_was_away_changes_no_words(client: Whispering) -> None:
    """What failed is asked again, whether it is final or not."""
    client.errors = [AWAY, LATE, BROKEN]
    assert (await recognize_with(client)(step(), "")).words
    assert len(client.inputs) == 4


@pytest.mark.parametrize("is_end", [False, True])
async def test_patience_ends(client: Whispering, is_end: bool) -> None:
    """What does not heal in time is raised."""
    client.errors = [AWAY] * 100
    with pytest.raises(UnavailableError):
        await recognize_with(client, patience_seconds=0.05)(step(is_end=is_end), "")


@pytest.mark.parametrize("is_end", [False, True])
async def test_what_the_model_refuses_is_not_asked_again(client: Whispering, is_end: bool) -> None:
    """The error says why."""
    client.errors = [REFUSED]
    with pytest.raises(InvalidArgumentError):
        await recognize_with(client, patience_seconds=1_000)(step(is_end=is_end), "")
    assert len(client.inputs) == 1
