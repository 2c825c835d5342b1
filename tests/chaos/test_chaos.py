"""A minute of chaos: everything dies, freezes or is cut off once, and every word is there in the end."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.chaos.faults import ESSENTIALS
from tests.chaos.report import story_of
from tests.chaos.suite import Judged, Options, run_suite

SEED = int(os.environ.get("CHAOS_SEED", "1"))


@pytest.mark.slow
def test_whatever_fails_no_word_is_lost_or_doubled() -> None:
    """What is stored and what the caller saw equal the undisturbed run, whatever was killed, frozen or cut off."""
    folder = Path(tempfile.mkdtemp(prefix="livetranslate-chaos-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user of its own and has to get through
    stories: list[str] = [f"seed {SEED}, logs in {folder}"]

    def report(run: Judged) -> None:
        stories.extend(story_of(run))

    options = Options(SEED, fault_count=1, run_seconds=28, places=ESSENTIALS, paces_undisturbed=False)
    results = run_suite(options, folder, report)
    assert all(run.is_right for run in results.runs), "\n".join(stories)
    assert results.fault_count >= 5, "\n".join(stories)
    shutil.rmtree(folder, ignore_errors=True)
