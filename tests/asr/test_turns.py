"""Two people who hardly wait for one another."""

from collections.abc import Sequence

import numpy as np
import pytest

from asr.audio_buffer import Samples
from asr.hypothesis import Hypothesis, Word, text_of
from asr.session import AsrOptions, DecodeStep
from asr.vad import VoiceActivityDetector
from tests.asr.driving import Driver, Recognize
from tests.asr.talk import needs_talk, pause, sentences, speech
from tests.model_repository.loading import load_sibling

TURNS = [number for pair in zip(range(1, 7), range(7, 13), strict=True) for number in pair]  # a woman, a man, a woman …
GAP_SAMPLES = 2_400  # 0.15 s
WINDOW = 160

pytestmark = needs_talk


def spoken(number: int) -> Samples:
    """A sentence without the silence around it."""
    recording = speech(number)
    loudness = np.abs(recording[: len(recording) // WINDOW * WINDOW].reshape(-1, WINDOW)).max(axis=1)
    loud = np.flatnonzero(loudness > 500)
    return recording[loud[0] * WINDOW : (loud[-1] + 1) * WINDOW]


def conversation(gap_samples: int) -> tuple[Samples, Sequence[tuple[int, int]]]:
    """Sentences by turns, and where each of them begins and ends."""
    parts = [pause()]
    turns = []
    for number in TURNS:
        start = sum(map(len, parts))
        parts += [spoken(number), pause(gap_samples)]
        turns.append((start, start + len(parts[-2])))
    return np.concatenate([*parts, pause()]), turns


def recognize(samples: Samples, recognizer: Recognize | None = None) -> Driver:
    """What a session makes of it, with the real detector."""
    driver = Driver(AsrOptions(), classify=VoiceActivityDetector().classify)
    driver.recognize = recognizer or driver.recognize
    for start in range(0, len(samples), WINDOW):
        driver.session.receive_audio(samples[start : start + WINDOW].tobytes())
        driver.work_to_end()
    driver.session.receive_end()
    driver.work_to_end()
    return driver


def test_every_turn_is_decoded_whole() -> None:
    """With 0.15 s between the speakers, no sample of what either says is left out."""
    samples, turns = conversation(GAP_SAMPLES)
    is_decoded = np.zeros(len(samples) + 512, bool)
    for step in recognize(samples).steps:
        is_decoded[step.start_sample : step.end_sample] = True
    assert [is_decoded[start:end].all() for start, end in turns] == [True] * len(turns)


@pytest.mark.slow
def test_no_word_is_lost_between_two_speakers() -> None:
    """With 0.15 s between the speakers about as many words are wrong as with 0.7 s, when each turn stands alone."""
    jiwer = pytest.importorskip("jiwer")
    sphinx_utterance = load_sibling("asr_pocketsphinx", "sphinx_utterance")
    decoder = sphinx_utterance.load_decoder()

    def decode(step: DecodeStep, heard: Samples, state: bytes) -> Hypothesis:
        if not step.is_end:
            return Hypothesis(())  # finals alone: hearing all again for each partial would take a minute
        utterance = sphinx_utterance.Utterance(decoder, state)
        utterance.hear(heard.tobytes())
        words, after = utterance.end()
        first = step.segment_start
        known = (Word(w.text, first + w.start_sample, first + w.end_sample, w.confidence) for w in words)
        return Hypothesis(tuple(known), after)

    said = [sentences()[number - 1] for number in TURNS]
    reference = "".join(letter for letter in " ".join(said).lower() if letter.isalpha() or letter in " '")
    wrong = []
    for gap_samples in (GAP_SAMPLES, 11_200):
        finals = recognize(conversation(gap_samples)[0], decode).finals
        wrong.append(jiwer.wer(reference, " ".join(text_of(final.committed) for final in finals)))
    assert wrong[0] <= wrong[1] + 0.05
