"""What waits for a model is bounded, for each model there is."""

from pathlib import Path

import pytest

from livetranslate.triton import places_of
from tests.slow_triton import config_of

ROOT = Path(__file__).parents[2]
FOLDERS = [
    path.parent for folder in ("model_repository", "bench/models") for path in (ROOT / folder).glob("*/config.pbtxt")
]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_its_queue_is_bounded(folder: Path) -> None:
    """By the model's own policy at each priority, by the utterances it takes, or by the places that callers get."""
    config = config_of(folder)
    batching = config.dynamic_batching
    if batching.priority_levels:
        assert places_of(config) == 0
        policies = batching.priority_queue_policy
        for level in range(1, batching.priority_levels + 1):
            policy = policies.get(level, batching.default_queue_policy)
            assert policy.max_queue_size > 0
    elif config.HasField("sequence_batching"):
        assert config.sequence_batching.oldest.max_candidate_sequences > 0
    else:
        assert places_of(config) > 0
        assert not batching.HasField("default_queue_policy"), "Triton 2.51 would let requests wait for half a second"


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder.name.startswith("asr_whisper")])
def test_partial_windows_do_not_wait_for_long(folder: Path) -> None:
    """They are refused when their time is over, and a caller may say that it is over sooner."""
    policy = config_of(folder).dynamic_batching.priority_queue_policy[2]
    assert policy.timeout_action == policy.REJECT
    assert policy.allow_timeout_override
    assert policy.default_timeout_microseconds > 0
