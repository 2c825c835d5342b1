"""Sound in which nobody speaks, before a recognizer that always hears words."""

import numpy as np
import pytest

from asr.session import AsrOptions
from asr.vad import VoiceActivityDetector
from bench.quality.material import Material
from bench.quality.nothing import soundscapes
from tests.asr.driving import Driver


@pytest.mark.parametrize("material", soundscapes(60), ids=lambda material: material.name)
def test_nobody_is_shown_a_word(material: Material) -> None:
    """In silence, noise and music-like tones nothing is shown, whatever a recognizer makes of them."""
    driver = Driver(AsrOptions(), classify=VoiceActivityDetector().classify)
    driver.session.receive_audio(np.asarray(material.samples).tobytes())
    driver.session.receive_end()
    driver.work_to_end()
    assert driver.session.is_done
    assert not driver.revisions
