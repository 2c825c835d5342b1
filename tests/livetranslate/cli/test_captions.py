import pytest

from livetranslate.cli.captions import KEPT_CAPTIONS, Captions, clock, utterance_of
from livetranslate.v1.gateway_pb2 import Checkpoint, SessionEvent
from tests.livetranslate.fake_gateway import transcript, translation


def test_captions_grow() -> None:
    """A newer revision replaces the text of its segment; translations join the transcript's caption."""
    captions = Captions("en")
    captions.receive(transcript(0, "good", "morn"))
    captions.receive(transcript(0, "good morning"))
    captions.receive(translation(0, "es", 1))
    (caption,) = captions.recent
    assert [(said.language, said.committed, said.unstable) for said in caption.utterances.values()] == [
        ("en", "good morning", ""),
        ("es", "es 0", ""),
    ]


def test_captions_are_bounded() -> None:
    """The newest few captions are kept, and each older one is handed out once, in order."""
    captions = Captions("en")
    pushed_out = [caption for start in range(20) for caption in captions.receive(transcript(start, f"word {start}"))]
    assert [caption.utterances["en"].committed for caption in pushed_out] == [
        f"word {start}" for start in range(20 - KEPT_CAPTIONS)
    ]
    assert len(captions.recent) == KEPT_CAPTIONS


def test_captions_know_position_and_lag() -> None:
    """The position is the end of the latest segment; the lag that of the latest transcript."""
    captions = Captions("en")
    captions.receive(transcript(4, "later"))
    captions.receive(translation(1, "es", 2))
    assert (captions.position_seconds, captions.lag_seconds) == (5.0, 0.2)


def test_other_events_say_nothing() -> None:
    """Events without text leave the captions alone."""
    captions = Captions("en")
    assert captions.receive(SessionEvent(checkpoint=Checkpoint())) == []
    assert captions.recent == []


def test_line() -> None:
    """A line names the range, the language and the text."""
    utterance = utterance_of(translation(61, "es", 1), "en")
    assert utterance is not None
    assert utterance.line == "[01:01.0 → 01:02.0] es: es 61"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "00:00.0"), (1.24, "00:01.2"), (59.96, "01:00.0"), (3599.94, "59:59.9"), (3661.5, "1:01:01.5")],
)
def test_clock(seconds: float, text: str) -> None:
    """Positions read as minutes and seconds, with hours where there are any."""
    assert clock(seconds) == text
