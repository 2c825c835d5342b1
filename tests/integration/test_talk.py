import json
import re

import jiwer
import pytest

from livetranslate.client import Client
from livetranslate.stack.stack import Stack
from tests.asr.talk import needs_talk, sentences, talk

pytestmark = [needs_talk, pytest.mark.slow]

MAX_WORD_ERROR_RATE = 0.10
SECONDS_PER_MESSAGE = 0.1


@pytest.fixture(scope="module")
def texts(stack: Stack) -> dict[str, list[str]]:
    """A talk of 24 sentences through the whole path: what was stored of each segment, by language."""
    samples = talk().tobytes()
    size = round(SECONDS_PER_MESSAGE * 32_000)
    pieces = (samples[start : start + size] for start in range(0, len(samples), size))
    with Client(stack.gateway_address) as client:
        events = list(client.translate(pieces, source="en", targets=["es"]))
        session_id = events[0].session_started.session_id
        assert not [event.notice for event in events if event.HasField("notice")]
        files = {language: client.export_session(session_id, "json", language=language) for language in ("", "es")}
    return {language: [segment["text"] for segment in json.loads(file)["segments"]] for language, file in files.items()}


def test_most_words_are_right(texts: dict[str, list[str]]) -> None:
    """At most one word in ten is wrong."""
    rate = jiwer.wer(_plain(" ".join(sentences())), _plain(" ".join(texts[""])))
    print(f"word error rate {rate:.1%}")  # noqa: T201 - shown by pytest -s
    assert rate <= MAX_WORD_ERROR_RATE


def test_the_end_is_not_lost(texts: dict[str, list[str]]) -> None:
    """The last words are there, though nothing follows them but the half-close."""
    assert texts[""][-1].endswith("same time.")


def test_each_sentence_is_translated(texts: dict[str, list[str]]) -> None:
    """Each sentence is a segment, and each segment has a translation that is not the sentence itself."""
    assert len(texts[""]) == len(texts["es"]) == len(sentences())
    assert all(spanish and spanish != english for english, spanish in zip(texts[""], texts["es"], strict=True))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z' ]", "", text.lower().replace("é", "e"))
