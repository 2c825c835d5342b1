from typing import Any

import pytest

from tests.model_repository.loading import load_sibling

sphinx_pool = load_sibling("asr_pocketsphinx", "sphinx_pool")
sphinx_utterance = load_sibling("asr_pocketsphinx", "sphinx_utterance")

SILENCE = bytes(3200)


@pytest.fixture(scope="module")
def decoders() -> list[Any]:
    return [sphinx_utterance.load_decoder() for _ in range(2)]


@pytest.fixture
def pool(decoders: list[Any]) -> Any:
    pool = sphinx_pool.DecoderPool(decoders)
    yield pool
    for sequence in list(pool._utterances):
        pool.end(sequence)


def test_a_decoder_is_free_again_after_the_end(pool: Any) -> None:
    """Many utterances one after the other need no more decoders than there are."""
    for sequence in range(5):
        pool.start(sequence, b"")
        pool.hear(sequence, SILENCE)
        words, state = pool.end(sequence)
        assert words == []
        assert state


def test_the_utterance_heard_least_recently_gives_way(pool: Any) -> None:
    """A third utterance takes the decoder of the one that has been silent longest."""
    pool.start(1, b"")
    pool.start(2, b"")
    pool.hear(1, SILENCE)
    pool.start(3, b"")
    with pytest.raises(sphinx_pool.UnknownSequenceError):
        pool.hear(2, SILENCE)
    pool.hear(1, SILENCE)
    pool.hear(3, SILENCE)


def test_a_second_start_begins_anew(pool: Any) -> None:
    """The sequence keeps one decoder, and the other stays free."""
    pool.start(1, b"")
    pool.start(1, b"")
    pool.start(2, b"")
    pool.hear(1, SILENCE)
    pool.hear(2, SILENCE)


def test_a_refused_state_keeps_no_decoder(pool: Any) -> None:
    """After many refusals all decoders are still free."""
    for sequence in range(5):
        with pytest.raises(sphinx_utterance.StateError):
            pool.start(sequence, b"abc")
    pool.start(1, b"")
    pool.start(2, b"")
    pool.hear(1, SILENCE)
    pool.hear(2, SILENCE)


def test_a_sequence_that_never_started_is_unknown(pool: Any) -> None:
    """Neither audio nor an end is taken from it."""
    with pytest.raises(sphinx_pool.UnknownSequenceError):
        pool.hear(9, SILENCE)
    with pytest.raises(sphinx_pool.UnknownSequenceError):
        pool.end(9)
