from pathlib import Path

import pytest

from bench.weights.cloner import save_tiny_cloner
from livetranslate.engine.batch import RefusedError
from tests.model_repository.loading import load_sibling
from tests.model_repository.tts_chatterbox.loading import hum, placement

chatterbox_voice = load_sibling("tts_chatterbox", "chatterbox_voice")


def test_a_voice_is_heard_in_its_reference(tmp_path: Path) -> None:
    """The small model's voice is a pitch; it survives the way to the model's sample rate."""
    save_tiny_cloner(tmp_path)
    voices = chatterbox_voice.Voices(placement(tmp_path))
    for hertz in (120, 220):
        assert voices.of(hum(hertz)).embeddings[0, 0] == pytest.approx(hertz, abs=1)


def test_the_last_few_voices_are_known(tmp_path: Path) -> None:
    """What a voice is like is computed once while it is in use; older ones are forgotten."""
    save_tiny_cloner(tmp_path)
    voices = chatterbox_voice.Voices(placement(tmp_path))
    first, second = voices.of(hum(100)), voices.of(hum(101))
    for hertz in range(102, 108):
        voices.of(hum(hertz))
    assert voices.of(hum(100)) is first
    voices.of(hum(108))
    assert voices.of(hum(100)) is first
    assert voices.of(hum(101)) is not second
    assert len(voices._known) == chatterbox_voice.VOICES_KEPT


@pytest.mark.parametrize("seconds", [0, 0.9, 30.1])
def test_a_voice_needs_some_seconds(tmp_path: Path, seconds: float) -> None:
    """And is not heard better in minutes."""
    save_tiny_cloner(tmp_path)
    with pytest.raises(RefusedError, match="1 to 30 s"):
        chatterbox_voice.Voices(placement(tmp_path)).of(hum(100, seconds))
