"""An update of everything while people speak."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.chaos.rolling_update import update_everything

# Streams are let go soon, so that all of them have to move on in the middle of speech.
SETTINGS = {
    f"LIVETRANSLATE_{name}_{stage}_SECONDS": "1"
    for name in ("GATEWAY", "ASR", "MT", "TTS")
    for stage in ("DRAIN", "FLUSH")
}


@pytest.mark.slow
def test_a_rolling_update_loses_no_session_and_no_word() -> None:
    """Every replica is replaced while sessions speak: all of them end well, with the words of an undisturbed run."""
    folder = Path(tempfile.mkdtemp(prefix="livetranslate-update-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user of its own and has to get through
    outcome = update_everything(folder, session_count=3, session_seconds=60, settings=SETTINGS, paces_undisturbed=False)
    assert len(outcome.updates) == 6
    assert outcome.is_right, f"{outcome.verdicts}, logs in {folder}"
    assert max(update.end_seconds for update in outcome.updates) < 20
    shutil.rmtree(folder, ignore_errors=True)
