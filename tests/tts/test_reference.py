"""What a voice is given to imitate."""

import pytest

from livetranslate.errors import InvalidArgumentError
from tts.reference import with_reference
from tts.utterance import Voice

IMITATOR = Voice("speaker", "es", "tts_c", 24_000, is_imitation=True)
ANA = Voice("ana", "es", "tts_a", 16_000)
SECOND = bytes(32_000)


def test_a_voice_that_imitates_gets_its_reference() -> None:
    """Which no log ever shows."""
    voice = with_reference(IMITATOR, SECOND)
    assert voice.reference == SECOND
    assert "reference" not in repr(voice)
    assert with_reference(ANA, b"") == ANA


@pytest.mark.parametrize(
    ("voice", "reference", "reason"),
    [
        (IMITATOR, b"", "REFERENCE_MISSING"),
        (ANA, SECOND, "REFERENCE_UNWANTED"),
        (IMITATOR, SECOND[1:], "REFERENCE_INVALID"),
        (IMITATOR, SECOND * 31, "REFERENCE_INVALID"),
    ],
)
def test_a_reference_must_make_sense(voice: Voice, reference: bytes, reason: str) -> None:
    """It comes with a voice that imitates, and is whole samples of at most half a minute."""
    with pytest.raises(InvalidArgumentError) as raised:
        with_reference(voice, reference)
    assert raised.value.reason == reason
